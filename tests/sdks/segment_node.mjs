// Sends the story of one customer with @segment/analytics-node: segment_node.mjs HOST WRITE_KEY NAME
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, name] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, maxRetries: 0 });
const failures = [];
analytics.on("error", (error) => failures.push(error));

const anonymousId = `${name}-browser`;
const userId = `${name}-user`;
analytics.page({ anonymousId, messageId: `${name}-1`, name: "Home", properties: { url: "https://shop.example/" } });
analytics.track({
  anonymousId,
  messageId: `${name}-2`,
  event: "Trailer Watched",
  properties: { film: "Zero Gravity Wedding", seconds: 94 },
});
analytics.identify({
  anonymousId,
  userId,
  messageId: `${name}-3`,
  traits: { email: `${name}@example.com`, firstName: "Grace", favoriteGenre: "drama" },
});
analytics.track({ userId, messageId: `${name}-4`, event: "Ticket Bought", properties: { price: 12.5 } });
analytics.screen({ userId, messageId: `${name}-5`, name: "Wallet" });
analytics.group({ userId, messageId: `${name}-6`, groupId: "film-club", traits: { plan: "gold" } });
await analytics.closeAndFlush();
if (failures.length > 0) {
  console.error(failures);
  process.exit(1);
}
