-- Sends what loadtest/scenarios.py describes: headers come as NAME=VALUE pairs separated by line feeds in LOADTEST_HEADERS.
-- The head is written here, in their order and after Host as k6 does, since a table of headers has no order of its own.
function wrk.format()
  local port = wrk.port and ":" .. wrk.port or ""
  local lines = { "GET " .. wrk.path .. " HTTP/1.1", "Host: " .. wrk.host .. port }
  for name, value in (os.getenv("LOADTEST_HEADERS") or ""):gmatch("([^=\n]+)=([^\n]*)") do
    table.insert(lines, name .. ": " .. value)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function init() failed = 0 end

function response(status)
  if status ~= 200 then failed = failed + 1 end
end

function done(summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("failed") end
  local errors = summary.errors
  io.write(string.format('RESULT {"requests": %d, "seconds": %.3f, "p50_us": %d, "p99_us": %d, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    wrong + errors.connect + errors.read + errors.write + errors.timeout))
end
