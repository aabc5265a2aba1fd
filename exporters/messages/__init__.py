"""One message to one address, by SMTP or through Apprise."""
