/*
 * A session is one hash. Its record has the fields `rev`, `epoch`, `data` and `write`, its lease `fence`, `owner` and
 * `until`. A script uses a single key, and so a single slot of a cluster, with any key prefix of the client.
 *
 * Numbers are sent as text: Lua formats large numbers as 1e+15, and integers of RESP have 64 bits at most.
 */

/** Returns `rev`, `epoch` and `data`. A cluster client may send HMGET to a replica, which lags, but not a script. */
export const readScript: string = `
return redis.call('HMGET', KEYS[1], 'rev', 'epoch', 'data')
`

// A longer time to live is kept: a write must not end a lease early.
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
 * Takes the expected revision, the next revision, epoch, data, the id of the write, and the time to live in milliseconds.
 * Returns 1 if it wrote the record, else 0. The id identifies a retried command: ioredis retries a command whose
 * response was lost.
 */
export const compareAndSetScript: string = `${keep}
local stored = redis.call('HMGET', KEYS[1], 'rev', 'write')
if (stored[1] or '0') ~= ARGV[1] then
  return stored[2] == ARGV[5] and '1' or '0'
end
redis.call('HSET', KEYS[1], 'rev', ARGV[2], 'epoch', ARGV[3], 'data', ARGV[4], 'write', ARGV[5])
keep(ARGV[6])
return '1'
`

/**
 * Takes the owner, the duration of the lease and the time to live of the key, both in milliseconds. Returns the fencing
 * token, or nothing if another owner holds the lease. A fencing token is at least the time in milliseconds, so it
 * increases even if the last one was lost because the key expired or a failover lost the write.
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

/** Takes the owner and the fencing token. Keeps `fence`: the next fencing token must be higher. */
export const releaseScript: string = `
local lease = redis.call('HMGET', KEYS[1], 'owner', 'fence')
if lease[1] == ARGV[1] and lease[2] == ARGV[2] then
  redis.call('HDEL', KEYS[1], 'owner', 'until')
end
return false
`
