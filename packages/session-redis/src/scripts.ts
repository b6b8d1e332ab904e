/*
 * A session is one hash. Its record has the fields `rev`, `epoch`, `data` and `write`, its lease `fence`, `owner`,
 * `until` and `ttl`. A script uses a single key, and so a single slot of a cluster, with any key prefix of the client.
 *
 * Numbers are sent as text: Lua formats large numbers as 1e+15, and integers of RESP have 64 bits at most. A reply has an
 * equals sign before each text: see replies.ts.
 *
 * Any field may be damaged, and the key may have another type. No script fails for this reason: a damaged revision
 * counts as -1, and a damaged lease as expired.
 */

// `integer` returns a number from 0 to 2 ** 53 - 1, or nothing for another text. `otherType` returns the type of a key,
// or nothing for a hash and a missing key.
const common = `
local function integer(text)
  if text and string.find(text, '^%d+$') and tonumber(text) <= 9007199254740991 then
    return tonumber(text)
  end
end
local function otherType()
  local name = redis.call('TYPE', KEYS[1]).ok
  if name ~= 'hash' and name ~= 'none' then
    return name
  end
end
`

// A revision is compared as text, so a leading zero damages it.
const readRecord = `${common}
local function readRecord()
  local other = otherType()
  if other then
    return {'-1', false, false, other}
  end
  local record = redis.call('HMGET', KEYS[1], 'rev', 'epoch', 'data')
  if not record[1] then
    record[1] = (record[2] or record[3]) and '-1' or '0'
  elseif not integer(record[1]) or string.find(record[1], '^0') then
    record[1] = '-1'
  end
  return record
end
`

// Replies with a record. A missing field is false.
const reply = `
local function reply(record)
  for index, value in pairs(record) do
    record[index] = value and '=' .. value
  end
  return record
end
`

/**
 * Returns the revision (0 if the key has no record, -1 if it is damaged), epoch, data, and the type of a key of
 * another type than hash. A cluster client may send HMGET to a replica, which lags, but not a script.
 */
export const readScript: string = `${readRecord}${reply}
return reply(readRecord())
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

// Keeps `fence`: the next fencing token must be higher.
const release = `
local function release(owner, fence)
  local lease = redis.call('HMGET', KEYS[1], 'owner', 'fence')
  if lease[1] == owner and lease[2] == fence then
    redis.call('HDEL', KEYS[1], 'owner', 'until', 'ttl')
  end
end
`

/**
 * Takes the expected revision, the next revision, epoch, data, the id of the write, the time to live in milliseconds, the
 * channel and the message of the change, and the owner and the fencing token of the lease to release (or two empty
 * texts). Returns 1 if it wrote the record, else 0. The id identifies a retried command: ioredis retries a command whose
 * response was lost.
 *
 * It publishes before it writes, so that it writes nothing if the user may not publish. Redis sends the message after
 * the script.
 */
export const compareAndSetScript: string = `${readRecord}${keep}${release}
local record = readRecord()
if record[1] ~= ARGV[1] then
  local isRetried = not record[4] and redis.call('HMGET', KEYS[1], 'write')[1] == ARGV[5]
  return isRetried and '=1' or '=0'
end
redis.call('PUBLISH', ARGV[7], ARGV[8])
if record[4] then
  redis.call('DEL', KEYS[1])
elseif record[1] == '-1' then
  redis.call('HDEL', KEYS[1], 'replaced')
end
redis.call('HSET', KEYS[1], 'rev', ARGV[2], 'epoch', ARGV[3], 'data', ARGV[4], 'write', ARGV[5])
if ARGV[10] ~= '' then
  release(ARGV[9], ARGV[10])
end
keep(ARGV[6])
return '=1'
`

/**
 * Takes the owner, the duration of the lease and the time to live of the key, both in milliseconds. Returns the fencing
 * token and the record as `readScript` does, or 0 if another owner holds the lease. Not nothing: a client of
 * `@upstash/redis` whose request was aborted may return null.
 *
 * - A fencing token is at least the time in milliseconds, so it increases even if the last one was lost because the key
 *   expired, a failover lost the write, or the server was restarted empty.
 * - A lease that ends later than its duration from now was timed by another clock, for example before a failover. A lease
 *   without a duration was written by an earlier version.
 * - A value of another type cannot hold a lease. It becomes the field `replaced` of a hash, as DUMP returns it, until a
 *   write replaces the record.
 */
export const leaseScript: string = `${readRecord}${reply}${keep}
local record = readRecord()
local lease = {}
if record[4] then
  local replaced = redis.call('DUMP', KEYS[1])
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'rev', record[4], 'replaced', replaced)
else
  lease = redis.call('HMGET', KEYS[1], 'fence', 'owner', 'until', 'ttl')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local left = (integer(lease[3]) or 0) - now
local longest = integer(lease[4]) or math.max(30000, tonumber(ARGV[2]))
local tolerance = 1000
if lease[2] and lease[2] ~= ARGV[1] and left > 0 and left <= longest + tolerance then
  return '=0'
end
local fence = math.max((integer(lease[1]) or 0) + 1, math.ceil(now))
if fence > 9007199254740991 then
  fence = math.ceil(now)
end
fence = string.format('%.0f', fence)
local duration = string.format('%.0f', math.ceil(ARGV[2]))
local ends = string.format('%.0f', math.ceil(now + ARGV[2]))
redis.call('HSET', KEYS[1], 'fence', fence, 'owner', ARGV[1], 'until', ends, 'ttl', duration)
keep(ARGV[3])
return {'=' .. fence, reply(record)}
`

/** Takes the owner and the fencing token. */
export const releaseScript: string = `${common}${release}
if not otherType() then
  release(ARGV[1], ARGV[2])
end
return false
`

/** Takes a channel and a message, and publishes the message from the node that has the key. */
export const publishScript: string = `
redis.call('PUBLISH', ARGV[1], ARGV[2])
return false
`

/** Returns the name of a key as the server has it: clients can be configured to add a prefix. */
export const keyNameScript: string = `
return '=' .. KEYS[1]
`

/** Returns 1 if the key is a hash with a record, and 0 if it has only a lease, another type, or is missing. */
export const hasRecordScript: string = `${common}
if not otherType() and redis.call('HMGET', KEYS[1], 'rev')[1] then
  return '=1'
end
return '=0'
`
