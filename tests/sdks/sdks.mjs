// Has each SDK tell its story twice, and checks what the graph knows then: everything, once.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const { GRAPHQL_URL, DEMO_TOKENS, DEMO_WRITE_KEY } = process.env;
const host = new URL(GRAPHQL_URL).origin;
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const sdks = [
  ["segment-node", process.execPath, file("segment_node.mjs")],
  ["rudderstack-node", process.execPath, file("rudderstack_node.mjs")],
  ["segment-python", file(".venv/bin/python"), file("segment_python.py")],
];

const QUERY = `query ($user: String!, $browser: String!) {
  byUser: customer(by: { identity: { type: USER_ID, value: $user } }) {
    id
    firstName
    email
    behaviors(first: 20) { totalCount nodes { name channel properties } }
  }
  byBrowser: customer(by: { identity: { type: ANONYMOUS_ID, value: $browser } }) { id }
}`;

async function ask(variables) {
  const response = await fetch(GRAPHQL_URL, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${JSON.parse(DEMO_TOKENS).staff}`,
    },
    body: JSON.stringify({ query: QUERY, variables }),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

for (const [name, program, script] of sdks) {
  for (let time = 0; time < 2; time += 1) {
    execFileSync(program, [script, host, DEMO_WRITE_KEY, name], { stdio: "inherit", timeout: 60_000 });
  }
  const { byUser, byBrowser } = await ask({ user: `${name}-user`, browser: `${name}-browser` });
  assert.ok(byUser, `${name}: nobody was identified`);
  assert.equal(byBrowser?.id, byUser.id, `${name}: the browser and the account are one customer`);
  assert.equal(byUser.firstName, "Grace");
  assert.equal(byUser.email, `${name}@example.com`);
  const behaviors = byUser.behaviors.nodes.map((node) => node.name).sort();
  assert.deepEqual(behaviors, [
    "Group Joined",
    "Page Viewed",
    "Screen Viewed",
    "Ticket Bought",
    "Trailer Watched",
  ]);
  assert.equal(byUser.behaviors.totalCount, 5);
  for (const node of byUser.behaviors.nodes) {
    assert.equal(node.channel, "WEB");
    assert.ok(node.properties.$context.library.name.includes("analytics"));
  }
  const watched = byUser.behaviors.nodes.find((node) => node.name === "Trailer Watched");
  assert.equal(watched.properties.film, "Zero Gravity Wedding");
  assert.equal(watched.properties.seconds, 94);
  console.log(`${name}: 6 events sent twice, 5 behaviors of 1 customer`);
}
