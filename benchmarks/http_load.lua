-- Asks for the features in boxes of 1 km, another one each time.
-- Arguments: west, south, east, north of the town; width and height of a box, degrees.
local threads = 0
local town = {}

function setup(thread)
   thread:set("seed", threads)
   threads = threads + 1
end

function init(args)
   for at = 1, 6 do
      town[at] = tonumber(args[at])
   end
   math.randomseed(seed)
end

function request()
   local west = town[1] + math.random() * (town[3] - town[1] - town[5])
   local south = town[2] + math.random() * (town[4] - town[2] - town[6])
   local box = string.format("%.6f,%.6f,%.6f,%.6f", west, south, west + town[5], south + town[6])
   return wrk.format("GET", "/ogc/collections/cameras/items?bbox=" .. box)
end

function done(summary, latency)
   local lost = summary.errors
   io.write(string.format(
      'FIGURES {"requests": %d, "seconds": %f, "bytes": %d, "failed": %d, "p50_ms": %f, "p99_ms": %f, "worst_ms": %f}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      lost.connect + lost.read + lost.write + lost.status + lost.timeout,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
