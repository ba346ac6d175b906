-- The load: requests built before the clock starts, one drawn at random each time.
-- Each line of the file: slug, visitor's address, browser, with tabs between.

local requests = {}
local count = 0
local random = math.random

function init(args)
   for line in io.lines(args[1]) do
      local slug, address, browser = line:match("([^\t]*)\t([^\t]*)\t(.*)")
      count = count + 1
      requests[count] = wrk.format("GET", "/" .. slug, {
         ["Host"] = wrk.headers["Host"],
         ["X-Forwarded-For"] = address,
         ["User-Agent"] = browser,
      })
   end
   math.randomseed(os.time())
end

function request()
   return requests[random(count)]
end

function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format(
      '\nresult {"requests":%d,"micros":%d,"p50Micros":%d,"p99Micros":%d,"refused":%d,"broken":%d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
      errors.connect + errors.read + errors.write + errors.timeout))
end
