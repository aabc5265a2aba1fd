-- Put before each of the other scripts: the clock, and the rate a host was slowed to.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]

-- Requests per second the host is held to after a refusal, nil when it has recovered: a tenth of the rate that was
-- refused comes back every 5 s, and at twice that rate the host is free again.
local function learned_rate(rate, ceil, cut, hold)
  if not rate then return nil end
  local steps = math.floor(math.max(0, now - math.max(tonumber(cut), tonumber(hold or 0))) / 5000000)
  local current = tonumber(rate) + tonumber(ceil) * 0.1 * steps
  if current >= 2 * tonumber(ceil) then return nil end
  return current
end

local function whole(number) return string.format('%.0f', number) end
