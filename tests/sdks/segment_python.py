"""Sends the story of one customer with segment-analytics-python: segment_python.py HOST WRITE_KEY NAME"""

import sys

import segment.analytics as analytics

host, write_key, name = sys.argv[1:]
failures = []
analytics.host = host
analytics.write_key = write_key
analytics.gzip = True
analytics.max_retries = 0
analytics.on_error = lambda error, items: failures.append(error)

browser, user = f"{name}-browser", f"{name}-user"
analytics.page(
    anonymous_id=browser,
    message_id=f"{name}-1",
    name="Home",
    properties={"url": "https://shop.example/"},
)
analytics.track(
    anonymous_id=browser,
    message_id=f"{name}-2",
    event="Trailer Watched",
    properties={"film": "Zero Gravity Wedding", "seconds": 94},
)
analytics.identify(
    user,
    anonymous_id=browser,
    message_id=f"{name}-3",
    traits={"email": f"{name}@example.com", "firstName": "Grace", "favoriteGenre": "drama"},
)
analytics.track(user, "Ticket Bought", {"price": 12.5}, message_id=f"{name}-4")
analytics.screen(user, name="Wallet", message_id=f"{name}-5")
analytics.group(user, "film-club", {"plan": "gold"}, message_id=f"{name}-6")
analytics.shutdown()
if failures:
    sys.exit(f"not sent: {failures}")
