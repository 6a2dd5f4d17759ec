// Watches one customer's experience with graphql-ws and with graphql-sse at once, changes it as staff, and checks that
// both are told the same, once.
import assert from "node:assert/strict";
import { createClient as sseClient } from "graphql-sse";
import { createClient as webSocketClient } from "graphql-ws";
import WebSocket from "ws";

const { GRAPHQL_URL, DEMO_TOKENS } = process.env;
const tokens = JSON.parse(DEMO_TOKENS);
const LONG = 20_000;

const WATCH = `subscription Watch($placements: [String!]!) {
  experienceChanged(placements: $placements, channel: WEB, limit: 1) {
    placement
    decision { id offers { offer { key } } }
  }
}`;

async function staff(query, input) {
  const response = await fetch(GRAPHQL_URL, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens.staff}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  const [payload] = Object.values(answer.data);
  assert.deepEqual(payload.userErrors, []);
  return payload;
}

/** The answers of a subscription, one by one. */
function watch(name, client) {
  const events = client.iterate({ query: WATCH, variables: { placements: ["home.hero"] } });
  const next = async () => {
    const late = new Promise((_, refuse) => {
      setTimeout(() => refuse(new Error(`${name} was told nothing`)), LONG).unref();
    });
    const { value, done } = await Promise.race([events.next(), late]);
    assert.equal(done, false, `${name} ended`);
    assert.equal(value.errors, undefined, JSON.stringify(value.errors));
    const [experience] = value.data.experienceChanged;
    assert.equal(experience.placement, "home.hero");
    return experience.decision.offers.map(({ offer }) => offer.key);
  };
  return { name, next, end: () => events.return() };
}

const authorization = `Bearer ${tokens.customer}`;
const overSocket = webSocketClient({
  url: `${GRAPHQL_URL.replace(/^http/, "ws")}/ws`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
});
const overEvents = sseClient({ url: GRAPHQL_URL, headers: { authorization } });
const watching = [watch("graphql-ws", overSocket), watch("graphql-sse", overEvents)];

const [before, same] = await Promise.all(watching.map(({ next }) => next()));
assert.deepEqual(before, same, "the first event is how things are now");

const { offer } = await staff(
  `mutation ($input: OfferCreateInput!) {
    offerCreate(input: $input) { offer { id } userErrors { code field message } }
  }`,
  { key: "premiere-tonight", name: "Premiere tonight", placements: ["home.hero"], rank: "1000000" },
);
const step = (name) =>
  staff(
    `mutation ($input: ${name[0].toUpperCase()}${name.slice(1)}Input!) {
      ${name}(input: $input) { offer { status } userErrors { code field message } }
    }`,
    { id: offer.id },
  );

for (let time = 0; time < 3; time += 1) {
  await step("offerPublish");
  for (const { name, next } of watching) {
    assert.deepEqual(await next(), ["premiere-tonight"], name);
  }
  await step("offerPause");
  for (const { name, next } of watching) {
    assert.deepEqual(await next(), before, name);
  }
}
for (const { name, end } of watching) {
  await end();
  console.log(`ok ${name}: told six changes, each once`);
}
await overSocket.dispose();

const refused = webSocketClient({
  url: `${GRAPHQL_URL.replace(/^http/, "ws")}/ws`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: "Bearer guessed" },
  retryAttempts: 0,
});
const closed = await watch("a guessed token", refused).next().then(
  () => assert.fail("a guessed token was let in"),
  (close) => close,
);
assert.equal(closed.code, 4403, String(closed));
console.log("ok graphql-ws: a guessed token is closed with 4403");

// A token has ten sockets. One more is told to try again later, and gets in by itself when there is room.
const url = `${GRAPHQL_URL.replace(/^http/, "ws")}/ws`;
const socket = (options) =>
  webSocketClient({ url, webSocketImpl: WebSocket, connectionParams: { authorization }, ...options });
const connected = () =>
  new Promise((done) => {
    const client = socket({ lazy: false, on: { connected: () => done(client) } });
  });
const open = [];
while (open.length < 10) open.push(await connected());
const codes = [];
const patient = socket({
  retryAttempts: 50,
  retryWait: () => new Promise((done) => setTimeout(done, 100)),
  on: {
    closed: ({ code }) => {
      codes.push(code);
      if (codes.length === 2) open.pop().dispose();
    },
  },
});
assert.deepEqual(await watch("one more", patient).next(), before);
assert.ok(codes.length >= 2 && codes.every((code) => code === 1013), String(codes));
for (const client of [patient, ...open]) await client.dispose();
console.log("ok graphql-ws: one socket too many gets in when there is room");
