// Sends the story of one customer with @rudderstack/rudder-sdk-node: rudderstack_node.mjs HOST WRITE_KEY NAME
import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const [host, writeKey, name] = process.argv.slice(2);
const analytics = new RudderAnalytics(writeKey, { dataPlaneUrl: host, gzip: true, flushInterval: 100 });
const anonymousId = `${name}-browser`;
const userId = `${name}-user`;
const failures = [];
const noted = (error) => error && failures.push(error);

analytics.page(
  { anonymousId, messageId: `${name}-1`, name: "Home", properties: { url: "https://shop.example/" } },
  noted,
);
analytics.track(
  {
    anonymousId,
    messageId: `${name}-2`,
    event: "Trailer Watched",
    properties: { film: "Zero Gravity Wedding", seconds: 94 },
  },
  noted,
);
analytics.identify(
  {
    anonymousId,
    userId,
    messageId: `${name}-3`,
    traits: { email: `${name}@example.com`, firstName: "Grace", favoriteGenre: "drama" },
  },
  noted,
);
analytics.track(
  { userId, messageId: `${name}-4`, event: "Ticket Bought", properties: { price: 12.5 } },
  noted,
);
analytics.screen({ userId, messageId: `${name}-5`, name: "Wallet" }, noted);
analytics.group(
  { userId, messageId: `${name}-6`, groupId: "film-club", traits: { plan: "gold" } },
  noted,
);
await analytics.flush();
if (failures.length > 0) {
  console.error(failures);
  process.exit(1);
}
process.exit(0);
