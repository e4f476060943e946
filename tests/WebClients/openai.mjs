// The official npm client against a server: node openai.mjs URL CHECK... Prints a line per check, "ok" first where it held.
import { createRequire } from 'node:module';
import { join } from 'node:path';
const OpenAI = createRequire(join(process.cwd(), 'package.json'))('openai');

const [base, ...names] = process.argv.slice(2);
const options = { baseURL: base + '/v1', apiKey: 'any', maxRetries: 0, timeout: 60_000 };
const client = new OpenAI(options);
const chat = (content, more) => ({ model: 'stepped', messages: [{ role: 'user', content }], ...more });

async function thrown(run) {
  try {
    await run();
  } catch (fault) {
    return fault;
  }
  throw new Error('nothing was thrown');
}

// Each returns true, or what it found instead.
const checks = {
  'whole': async () => {
    const answer = await client.chat.completions.create(chat('please count to 3'));
    return (answer.choices[0].message.content === 'w1 w2 w3 ' && answer.choices[0].finish_reason === 'stop' && answer.usage.completion_tokens === 3) || answer;
  },
  'streamed': async () => {
    let text = '', reason = null, used = null;
    for await (const chunk of await client.chat.completions.create(chat('count to 5', { stream: true, max_completion_tokens: 4, stream_options: { include_usage: true } }))) {
      text += chunk.choices[0]?.delta?.content ?? '';
      reason = chunk.choices[0]?.finish_reason ?? reason;
      used = chunk.usage?.completion_tokens ?? used;
    }
    return (text === 'w1 w2 w3 w4 ' && reason === 'length' && used === 4) || { text, reason, used };
  },
  'helper': async () => {
    const final = await client.chat.completions.stream(chat('count to 3')).finalChatCompletion();
    return final.choices[0].message.content === 'w1 w2 w3 ' || final;
  },
  'plain completion': async () => {
    const answer = await client.completions.create({ model: 'stepped', prompt: 'count to 2' });
    return answer.choices[0].text === 'w1 w2 ' || answer;
  },
  'models': async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    return models.join() === 'stepped' || models;
  },
  'many at once': async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => client.chat.completions.stream(chat(`count to ${i + 1}`)).finalContent()));
    return answers.every((text, i) => text.trim().split(' ').length === i + 1) || answers;
  },
  'abort in mid-stream': async () => {
    const stream = await client.chat.completions.create(chat('count without end', { stream: true, max_tokens: 900_000_000 }));
    let pieces = 0;
    for await (const chunk of stream) {
      pieces += chunk.choices[0].delta.content ? 1 : 0;
      if (pieces === 3) stream.controller.abort();
    }
    return pieces >= 3 || pieces;
  },
  'negative max_tokens': async () => {
    const fault = await thrown(() => client.chat.completions.create(chat('count to 3', { max_tokens: -1 })));
    return (fault instanceof OpenAI.BadRequestError && fault.type === 'invalid_request_error' && fault.message.includes('-1')) || String(fault);
  },
  'unknown model': async () => {
    const fault = await thrown(() => client.chat.completions.create({ ...chat('count to 3'), model: 'other' }));
    return (fault instanceof OpenAI.NotFoundError && fault.code === 'model_not_found') || String(fault);
  },
  // The server's queue is full.
  'queue full': async () => {
    const fault = await thrown(() => client.chat.completions.create(chat('count to 3')));
    return (fault instanceof OpenAI.RateLimitError && fault.code === 'queue_full' && Number(fault.headers.get('retry-after')) >= 1) || String(fault);
  },
  // It is full until the client comes again, as it does by itself.
  'queue full at first': async () => {
    const answer = await new OpenAI({ ...options, maxRetries: 20 }).chat.completions.create(chat('count to 3'));
    return answer.choices[0].message.content === 'w1 w2 w3 ' || answer;
  },
  // The answer breaks off before its end.
  'cut in mid-stream': async () => {
    let reason = null;
    const fault = await thrown(async () => {
      for await (const chunk of await client.chat.completions.create(chat('count to 30', { stream: true }))) {
        reason = chunk.choices[0]?.finish_reason ?? reason;
      }
    });
    return (reason === null && fault instanceof OpenAI.APIError) || { reason, fault: String(fault) };
  },
};

for (const name of names) {
  try {
    const found = await checks[name]();
    console.log(found === true ? `ok ${name}` : `failed ${name}: ${JSON.stringify(found)}`);
  } catch (fault) {
    console.log(`failed ${name}: ${fault.constructor.name} ${fault.status} ${fault.message}`);
  }
}
