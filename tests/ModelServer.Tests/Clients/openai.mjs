// The official npm client against a server: node openai.mjs URL. Prints a line per check, "ok" first where it held.
import OpenAI from 'openai';

const [base] = process.argv.slice(2);
const client = new OpenAI({ baseURL: base + '/v1', apiKey: 'any', maxRetries: 0, timeout: 60_000 });
const chat = (content, more) => ({ model: 'stepped', messages: [{ role: 'user', content }], ...more });

async function check(name, run) {
  try {
    const found = await run();
    console.log(found === true ? `ok ${name}` : `failed ${name}: ${JSON.stringify(found)}`);
  } catch (fault) {
    console.log(`failed ${name}: ${fault.constructor.name} ${fault.status} ${fault.message}`);
  }
}

async function thrown(run) {
  try {
    await run();
  } catch (fault) {
    return fault;
  }
  throw new Error('nothing was thrown');
}

await check('whole', async () => {
  const answer = await client.chat.completions.create(chat('please count to 3'));
  return (answer.choices[0].message.content === 'w1 w2 w3 ' && answer.choices[0].finish_reason === 'stop' && answer.usage.completion_tokens === 3) || answer;
});

await check('streamed', async () => {
  let text = '', reason = null, used = null;
  for await (const chunk of await client.chat.completions.create(chat('count to 5', { stream: true, max_completion_tokens: 4, stream_options: { include_usage: true } }))) {
    text += chunk.choices[0]?.delta?.content ?? '';
    reason = chunk.choices[0]?.finish_reason ?? reason;
    used = chunk.usage?.completion_tokens ?? used;
  }
  return (text === 'w1 w2 w3 w4 ' && reason === 'length' && used === 4) || { text, reason, used };
});

await check('helper', async () => {
  const final = await client.chat.completions.stream(chat('count to 3')).finalChatCompletion();
  return final.choices[0].message.content === 'w1 w2 w3 ' || final;
});

await check('plain completion', async () => {
  const answer = await client.completions.create({ model: 'stepped', prompt: 'count to 2' });
  return answer.choices[0].text === 'w1 w2 ' || answer;
});

await check('models', async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  return models.join() === 'stepped' || models;
});

await check('abort in mid-stream', async () => {
  const stream = await client.chat.completions.create(chat('count without end', { stream: true, max_tokens: 900_000_000 }));
  let pieces = 0;
  for await (const chunk of stream) {
    pieces += chunk.choices[0].delta.content ? 1 : 0;
    if (pieces === 3) stream.controller.abort();
  }
  return pieces >= 3 || pieces;
});

await check('negative max_tokens', async () => {
  const fault = await thrown(() => client.chat.completions.create(chat('count to 3', { max_tokens: -1 })));
  return (fault instanceof OpenAI.BadRequestError && fault.param === 'max_tokens') || String(fault);
});

await check('unknown model', async () => {
  const fault = await thrown(() => client.chat.completions.create({ ...chat('count to 3'), model: 'other' }));
  return (fault instanceof OpenAI.NotFoundError && fault.code === 'model_not_found') || String(fault);
});
