// All audits of the GraphQL-over-HTTP specification, as the npm package `graphql-http` has them.
// node audit.mjs --url http://127.0.0.1:4000/graphql
import { parseArgs } from 'node:util';
import { auditServer } from 'graphql-http';

/** A release of the package with fewer audits must not pass unseen. */
const AUDITS = 61;

const { values } = parseArgs({ options: { url: { type: 'string' } } });
if (!values.url) {
  console.error('usage: node audit.mjs --url http://127.0.0.1:4000/graphql');
  process.exit(2);
}

const results = await auditServer({ url: values.url });
for (const { id, name, status, reason } of results) {
  console.log(`${status.padEnd(6)} ${id} ${name}${reason ? `: ${reason}` : ''}`);
}

const ok = results.filter(({ status }) => status === 'ok').length;
console.log(`${ok} of ${results.length} audits ok`);
if (ok !== results.length || results.length !== AUDITS) {
  console.error(`expected all ${AUDITS} audits to be ok`);
  process.exit(1);
}
