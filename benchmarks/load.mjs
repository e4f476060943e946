#!/usr/bin/env node
// Makes the tables of results/load-clients.md: node benchmarks/load.mjs [SECONDS [ROUNDS [CONNECTIONS...]]]. autocannon (installed from npm into
// artifacts/) and wrk (on the PATH) load a model server directly, and two of them through the gateway, in turn, in one run.
// Needs release builds of samples/ModelServer and samples/Gateway. At the end one of the two servers is killed under load. Ends with
// 1 where an answer failed, broke off or was lost, but for those that the killed server was giving.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const seconds = Number(process.argv[2] ?? 5), rounds = Number(process.argv[3] ?? 3), steps = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [1, 64, 1000];
const temporary = mkdtempSync(join(tmpdir(), 'load-'));

function autocannon() {
  const folder = join(root, 'artifacts', 'load');
  if (!existsSync(join(folder, 'node_modules', 'autocannon'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', 'autocannon@9.0.0'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return createRequire(join(folder, 'package.json'))('autocannon');
}

const servers = [], complaints = [];

// Starts a sample on a free port; resolves to its address once it says that it listens.
function start(sample, args) {
  const server = spawn('dotnet', [join(root, 'samples', sample, 'bin/Release/net10.0', sample + '.dll'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(server);
  return new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', part => {
      said += part;
      complaints.push(...String(part).split('\n').filter(line => /^(warn|fail|crit):/.test(line)));
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (url && /[\s/]/.test(said[url.index + url[0].length] ?? '')) resolve(url[0]);
    });
    server.on('exit', code => reject(new Error(`${sample} ended with ${code}: ${said}`)));
  });
}

const shapes = {
  completion: { path: '/v1/completions', body: { model: 'embedded', prompt: 'Say it in 16 words', max_tokens: 64 } },
  chat: { path: '/v1/chat/completions', body: { model: 'embedded', messages: [{ role: 'user', content: 'Say it in 16 words' }], max_tokens: 64 } },
};

function isWhole(text, stream) {
  return stream ? text.endsWith('data: [DONE]\n\n') && text.includes('"finish_reason":"stop"') : text.includes('"finish_reason":"stop"') && text.includes('"completion_tokens":16');
}

const cannon = autocannon();

async function byAutocannon(url, path, body, stream, connections) {
  const found = await cannon({
    url: url + path, method: 'POST', body: JSON.stringify({ ...body, stream }), headers: { 'content-type': 'application/json' },
    connections, duration: seconds, timeout: 60, verifyBody: text => isWhole(String(text), stream),
  });
  // It tells nothing of a connection that closes before its answer's end: what was sent and not answered is more than what was under way.
  const closed = Math.max(0, found.requests.sent - found.requests.total - connections);
  return {
    requests: found['2xx'], perSecond: found['2xx'] / found.duration, p50: found.latency.p50, p99: found.latency.p99,
    refused: found.non2xx, errors: found.errors - found.timeouts + closed, timeouts: found.timeouts, broken: found.mismatches,
  };
}

function byWrk(url, path, body, stream, connections) {
  const script = join(temporary, 'post.lua');
  writeFileSync(script, `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[${JSON.stringify({ ...body, stream })}]==]\n
    local whole = ${stream ? '"data: [DONE]"' : "'\"completion_tokens\":16'"}
    local threads = {}
    function setup(thread) table.insert(threads, thread) end
    function init() broken = 0 end
    function response(status, headers, body) if not string.find(body, whole, 1, true) then broken = broken + 1 end end
    function done() local all = 0 for _, thread in ipairs(threads) do all = all + thread:get("broken") end print("broken " .. all) end\n`);
  return new Promise((resolve, reject) => {
    const wrk = spawn('wrk', ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '--timeout', '60s', '--latency', '-s', script, url + path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    wrk.stdout.on('data', part => text += part);
    wrk.on('error', reject);
    wrk.on('exit', () => {
      const number = pattern => Number(pattern.exec(text)?.[1] ?? 0);
      const milliseconds = share => {
        const [, value, unit] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(text);
        return value * { us: 0.001, ms: 1, s: 1000 }[unit];
      };
      const [, connect, read, write, timeouts] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [0, 0, 0, 0, 0];
      resolve({
        requests: number(/(\d+) requests in/), perSecond: number(/Requests\/sec:\s+([\d.]+)/), p50: milliseconds(50), p99: milliseconds(99),
        refused: number(/Non-2xx or 3xx responses: (\d+)/), errors: Number(connect) + Number(read) + Number(write), timeouts: Number(timeouts), broken: number(/broken (\d+)/),
      });
    });
  });
}

const median = values => values.toSorted((a, b) => a - b)[values.length >> 1];
const failures = found => found.refused + found.errors + found.timeouts + found.broken;
let failed = 0;

// One row for each target: the median over the rounds of each figure, and the sum of what went wrong.
async function compare(client, run, shape, stream, connections, targets) {
  const found = Object.fromEntries(Object.keys(targets).map(name => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, url] of Object.entries(targets)) found[name].push(await run(url, shapes[shape].path, shapes[shape].body, stream, connections));
  }
  const direct = median(found.direct.map(one => one.p50));
  for (const [name, runs] of Object.entries(found)) {
    const of = pick => median(runs.map(pick)), all = pick => runs.reduce((sum, one) => sum + pick(one), 0);
    failed += all(failures);
    console.log(`| ${client} | ${shape} | ${stream ? 'stream' : 'whole'} | ${connections} | ${name} | ${all(one => one.requests)} | ${of(one => one.perSecond).toFixed(0)} | ${of(one => one.p50).toFixed(2)} | ${name === 'direct' ? '' : (of(one => one.p50) - direct).toFixed(2)} | ${of(one => one.p99).toFixed(1)} | ${all(one => one.refused)} | ${all(one => one.errors)} | ${all(one => one.timeouts)} | ${all(one => one.broken)} |`);
  }
}

try {
  const server = ['--url', 'http://127.0.0.1:0', '--speed', '100'];
  const left = await start('ModelServer', server), right = await start('ModelServer', server);
  const gateway = await start('Gateway', ['--urls', 'http://127.0.0.1:0', '--Gateway:Seats', '128', '--Gateway:MaxQueuedRequests', '4096',
    '--Gateway:Upstreams:0:Url', left, '--Gateway:Upstreams:1:Url', right]);
  const targets = { direct: left, gateway };
  for (const url of [left, right, gateway]) await byAutocannon(url, shapes.chat.path, shapes.chat.body, true, 16);
  console.log('| client | endpoint | answer | connections | to | answers | answers/s | p50, ms | added, ms | p99, ms | not 2xx | errors | timeouts | not whole |');
  console.log('|---|---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const connections of steps) {
    for (const [client, run] of [['wrk', byWrk], ['autocannon', byAutocannon]]) {
      for (const shape of Object.keys(shapes)) {
        for (const stream of [false, true]) await compare(client, run, shape, stream, connections, targets);
      }
    }
  }
  // Who was cut off when a run ended holds nothing any more.
  for (const url of [left, right, gateway]) {
    let behind = -1;
    for (let tries = 0; behind !== 0 && tries < 50; tries++) {
      const metrics = await (await fetch(url + '/metrics')).text(), page = await (await fetch(url + '/scheduler/state')).json();
      behind = Number(/^llm_scheduling_queue_length.* (\d+)$/m.exec(metrics)?.[1] ?? 0) + page.waiting + page.running;
      if (behind !== 0) await new Promise(again => setTimeout(again, 100));
    }
    failed += behind;
    console.log(`\n${url === gateway ? 'gateway' : 'model server'}: ${behind} requests left behind`);
  }
  failed += complaints.length;
  console.log(`\n${complaints.length} lines of warnings or worse in the servers' logs`, complaints.slice(0, 3).join('; '));

  // A server that is killed takes no more with it than the answers that it was giving.
  const streams = 64, killed = setTimeout(() => servers[1].removeAllListeners('exit').kill('SIGKILL'), 500 * seconds);
  const found = await byWrk(gateway, shapes.chat.path, shapes.chat.body, true, streams);
  clearTimeout(killed);
  const lost = failures(found) - found.timeouts;
  failed += found.timeouts + Math.max(0, lost - streams);
  console.log(`\n${streams} streams while one of two servers is killed: ${found.requests} answers, of which ${found.broken} not whole; ${found.refused} not 2xx, ${found.errors} connections closed early, ${found.timeouts} timeouts`);
} finally {
  for (const server of servers) server.removeAllListeners('exit').kill('SIGTERM');
}
process.exitCode = failed > 0 ? 1 : 0;
