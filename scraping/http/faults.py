"""What went wrong on the wire, in the words of a row. Pure."""

import asyncio
import os
import socket

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from reports.errors import PageError
from scraping.http.addresses import MARK, ForbiddenAddress
from scraping.limits import Limits


def failure_of(error: BaseException, limits: Limits | None) -> PageError:
    """Return the failure that a client error means."""
    if isinstance(error, asyncio.TimeoutError):
        return PageError("timeout", _timeout_detail(error, limits))
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return PageError("tls", _short(error))
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return PageError("dns", f"the host name does not resolve: {_short(error)}")
    if isinstance(error, ForbiddenAddress) or MARK in str(error):
        return PageError("forbidden_host", _refused(error))
    if isinstance(error, aiohttp.InvalidURL):
        return PageError("bad_url", _short(error))
    if isinstance(error, aiohttp.ClientPayloadError):
        return PageError("connect", f"the body was cut short: {_short(error)}")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return PageError("connect", "the server closed the connection before it had answered")
    if isinstance(error, HttpProcessingError):
        if "Got more than" in error.message or "Too many headers" in error.message:
            return PageError("too_large", "the headers are too large")
        return PageError("connect", f"the answer is not HTTP: {error.message[:200]}")
    if isinstance(error, UnicodeError | ValueError):
        return PageError("bad_url", _short(error))
    if isinstance(error, aiohttp.ClientConnectorError):
        return PageError("connect", f"no connection to {error.host}:{error.port}: {_cause(error)}"[:200])
    return PageError("connect", _short(error))


def _timeout_detail(error: BaseException, limits: Limits | None) -> str:
    if limits is None:
        return "no answer in time"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"no connection in {limits.connect_s:g} s"
    if isinstance(error, aiohttp.SocketTimeoutError):
        return f"the server was silent for {limits.read_s:g} s"
    return f"not complete in {limits.total_s:g} s"


def _refused(error: BaseException) -> str:
    text = str(error)
    place = text.find(MARK)
    return f"refused to connect: {text[place:].rstrip(']')}"[:200]


def _cause(error: aiohttp.ClientConnectorError) -> str:
    # asyncio says "Connect call failed" and the address, whatever hindered it.
    return os.strerror(error.errno) if error.errno else _short(error)


def _short(error: BaseException) -> str:
    # What aiohttp's own text says beside is the host, and its setting for TLS.
    if isinstance(error, aiohttp.ClientConnectorError):
        return (error.strerror or str(error.os_error))[:200]
    return (str(error) or type(error).__name__)[:200]
