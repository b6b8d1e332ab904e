/*
 * A session is one hash: `rev`, `epoch`, `data` and `write` of its record, `fence`, `owner` and `until` of its lease.
 * One key has one slot, whatever stands in it and whatever prefix a client puts before it.
 *
 * Numbers come and go as text: Lua writes large ones as 1e+15, and RESP carries none beyond 64 bits.
 */

/** Gives `rev`, `epoch` and `data`. A script, not HMGET: a cluster client may send that to a replica, which lags. */
export const readScript: string = `
return redis.call('HMGET', KEYS[1], 'rev', 'epoch', 'data')
`

// What is left of a longer life stays: a lease must not end early for a write.
const keep = `
local function keep(milliseconds)
  if milliseconds == '' then
    redis.call('PERSIST', KEYS[1])
  elseif redis.call('PTTL', KEYS[1]) < tonumber(milliseconds) then
    redis.call('PEXPIRE', KEYS[1], milliseconds)
  end
end
`

/**
 * Takes the revision that is expected, the next one, epoch, data, an id of the write, and how long to keep it. Gives
 * 1 where it was written. ioredis sends a command again whose answer was lost: the id tells that it was carried out.
 */
export const casScript: string = `${keep}
local stored = redis.call('HMGET', KEYS[1], 'rev', 'write')
if (stored[1] or '0') ~= ARGV[1] then
  return stored[2] == ARGV[5] and '1' or '0'
end
redis.call('HSET', KEYS[1], 'rev', ARGV[2], 'epoch', ARGV[3], 'data', ARGV[4], 'write', ARGV[5])
keep(ARGV[6])
return '1'
`

/**
 * Takes owner, time to live, and how long to keep the key. Gives the fence, or nothing where another owner has the
 * lease. A fence is no less than the time in milliseconds: so it rises also where the last one was lost, because the
 * key has expired or a failover went back.
 */
export const leaseScript: string = `${keep}
local lease = redis.call('HMGET', KEYS[1], 'fence', 'owner', 'until')
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
if lease[2] and lease[2] ~= ARGV[1] and tonumber(lease[3]) > now then
  return false
end
local fence = string.format('%.0f', math.max((lease[1] or 0) + 1, math.ceil(now)))
local ends = string.format('%.0f', math.ceil(now + ARGV[2]))
redis.call('HSET', KEYS[1], 'fence', fence, 'owner', ARGV[1], 'until', ends)
keep(ARGV[3])
return fence
`

/** Takes owner and fence. The fence stays: the next one has to be higher. */
export const releaseScript: string = `
local lease = redis.call('HMGET', KEYS[1], 'owner', 'fence')
if lease[1] == ARGV[1] and lease[2] == ARGV[2] then
  redis.call('HDEL', KEYS[1], 'owner', 'until')
end
return false
`
