-- Turns for a batch of mails: see rates.py, whose `reckon` does the same, line by line, for a process alone.
-- KEYS: total, day, then one for each provider, in the order in which they are first asked for.
-- ARGV: mails as JSON [[provider, gap, total gap, bulk], …]; now (ms, 0: ask Redis); most of the day; horizon (ms).
-- Gives for each mail its kind ("go", "later", "day") and a number, as a string so that no fraction is lost.
local now = tonumber(ARGV[2])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
local most, horizon = tonumber(ARGV[3]), tonumber(ARGV[4])

local function clock(key)
  local kept = redis.call('HMGET', key, 'at', 'tail')
  return {key = key, at = tonumber(kept[1] or 0), tail = tonumber(kept[2] or 0)}
end

local function keep(it)
  local last = math.max(it.at, it.tail)
  if last > now then
    redis.call('HSET', it.key, 'at', string.format('%.3f', it.at), 'tail', string.format('%.3f', it.tail))
    redis.call('PEXPIRE', it.key, math.ceil(last - now) + 1000)
  end
end

local total, providers, named = clock(KEYS[1]), {}, 2
local day = redis.call('HMGET', KEYS[2], 'sent', 'over')
local sent, over = tonumber(day[1] or 0), tonumber(day[2] or 0)
local answers = {}
for _, mail in ipairs(cjson.decode(ARGV[1])) do
  local name, gap, total_gap, bulk = mail[1], mail[2], mail[3], mail[4] == 1
  if not providers[name] then
    named = named + 1
    providers[name] = clock(KEYS[named])
  end
  local own = providers[name]
  local slot = math.max(now, total.at, own.at)
  if bulk and most >= 0 and sent >= most then
    answers[#answers + 1] = {'day', tostring(over)}
    over = over + 1
  elseif bulk and slot - now > horizon then
    local limit, step = total, total_gap
    if own.at >= total.at then limit, step = own, gap end
    limit.tail = math.max(limit.tail, slot) + step
    answers[#answers + 1] = {'later', string.format('%.3f', limit.tail - now)}
  else
    total.at = math.max(now, total.at) + total_gap
    own.at = slot + gap
    if bulk then sent = sent + 1 end
    answers[#answers + 1] = {'go', string.format('%.3f', slot - now)}
  end
end
keep(total)
for _, own in pairs(providers) do keep(own) end
if most >= 0 then
  redis.call('HSET', KEYS[2], 'sent', sent, 'over', over)
  redis.call('EXPIRE', KEYS[2], 172800)
end
return answers
