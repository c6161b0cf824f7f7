"""Runs the public calls of PyPI `keepa` against an emulator: python conformance.py BASE_URL

The package is used as it was published. Only the host it talks to is another one, which is patched where the
request leaves the process (requests, aiohttp).
"""

import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import aiohttp
import keepa
import requests

BASE = sys.argv[1].rstrip("/")
REAL = "https://api.keepa.com"


def elsewhere(url):
    url = str(url)
    assert url.startswith(REAL), f"the client called {url}"
    return BASE + url[len(REAL):]


send_sync = requests.Session.request
requests.Session.request = lambda self, method, url, *a, **k: send_sync(self, method, elsewhere(url), *a, **k)
send_async = aiohttp.ClientSession._request
aiohttp.ClientSession._request = lambda self, method, url, **k: send_async(self, method, elsewhere(url), **k)

passed = []


def check(name, condition, detail=""):
    if not condition:
        raise SystemExit(f"FAILED {name}: {detail}")
    passed.append(name)


def admin(call, **body):
    request = urllib.request.Request(f"{BASE}/_emulator/{call}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


api = keepa.Keepa("conformance-key", check_key=True, logging_level="WARNING")
check("key check", api.tokens_left > 0)

# Product Finder: a dictionary, the typed parameters, paging.
wanted = {"current_SALES_gte": 1000, "current_SALES_lte": 400_000, "rootCategory": "283155", "sort": [["current_SALES", "asc"]]}
asins = api.product_finder(dict(wanted), n_products=100)
check("product_finder", 50 <= len(asins) <= 100, len(asins))
typed = api.product_finder(keepa.ProductParams(current_SALES_gte=1000, current_SALES_lte=400_000, rootCategory=["283155"]), n_products=100)
check("product_finder, typed", typed == asins, (typed[:3], asins[:3]))
second = api.product_finder(dict(wanted, page=1), n_products=100)
check("product_finder, second page", second and not set(second) & set(asins))

# Products: plain, duplicates, every option, no history, typed, raw, by code.
plain = api.query(asins[:5], progress_bar=False)
check("query", len(plain) == 5 and all(p["asin"] in asins for p in plain))
check("query, histories", all("NEW" in p["data"] and len(p["data"]["SALES"]) > 10 for p in plain))
check("query, hidden series", all("BUY_BOX_SHIPPING" not in p["data"] and "RATING" not in p["data"] for p in plain))
check("query, duplicates", len(api.query([asins[0]] * 3, progress_bar=False)) == 1)
full = api.query(asins[:20], stats=90, offers=20, update=0, rating=True, stock=True, buybox=True, days=180,
                 only_live_offers=True, videos=True, aplus=True, progress_bar=False,
                 extra_params={"historical-variations": 1})
check("query, every option", len(full) == 20)
check("query, statistics", all("stats_parsed" in p and "current" in p["stats_parsed"] for p in full))
check("query, offers", any(p["offers"] for p in full) and all(p["offersSuccessful"] for p in full))
check("query, option series", any("RATING" in p["data"] for p in full) and any("BUY_BOX_SHIPPING" in p["data"] for p in full))
for product in full:
    for offer in product["offers"]:
        keepa.convert_offer_history(offer["offerCSV"])
check("query, offer histories", True)
check("query, without history", all(not p.get("csv") for p in api.query(asins[:3], history=False, progress_bar=False)))
check("query, dates as statistics window", api.query(asins[0], stats="2026-01-01,2026-02-01", progress_bar=False)[0]["stats"])
models = api.query(asins[:20], stats=90, offers=20, rating=True, buybox=True, typed=True, progress_bar=False)
check("query, typed", len(models) == 20 and all(m.asin in asins for m in models))
raw = api.query(asins[:2], raw=True, progress_bar=False)
check("query, raw", raw[0].status_code == 200 and raw[0].headers["content-encoding"] == "gzip")
code = plain[0]["eanList"][0]
check("query, by code", api.query(code, product_code_is_asin=False, progress_bar=False)[0]["asin"] == plain[0]["asin"])
check("query, more than one batch", len(api.query(asins + second[:20], history=False, progress_bar=False)) == len(asins) + 20)
try:
    api.query("XXXXXXXXXX", progress_bar=False)
    check("query, unknown ASIN", False, "no error")
except RuntimeError as error:
    check("query, unknown ASIN", "invalid ASINs" in str(error), error)

# Lists, categories, sellers, deals, graph.
best = api.best_sellers_query("283155")
check("best_sellers_query", len(best) > 100)
check("best_sellers_query, 90 days, all variations", api.best_sellers_query("1055398", rank_avg_range=90, variations=True))
check("best_sellers_query, typed", api.best_sellers_query("283155", typed=True).asinList == best)
found = api.search_for_categories("books")
check("search_for_categories", "283155" in found and found["283155"]["matched"])
roots = api.category_lookup(0)
check("category_lookup, roots", roots["283155"]["name"] == "Books" and roots["283155"]["parent"] == 0)
check("category_lookup, one", api.category_lookup(3839, include_parents=True)["3839"]["name"] == "Programming")
check("category_lookup, typed", api.category_lookup(283155, typed=True)["283155"].name == "Books")
seller = next(o["sellerId"] for p in full for o in p["offers"] if not o["isAmazon"])
known = api.seller_query(seller)
check("seller_query", known[seller]["sellerName"] and len(known) == 1)
check("seller_query, several", len(api.seller_query([seller, "ATVPDKIKX0DER"])) == 2)
front = api.seller_query(seller, storefront=True)[seller]
check("seller_query, storefront", any(a in front["asinList"] for a in asins) or front["asinList"])
check("seller_query, typed", api.seller_query(seller, typed=True)[seller].sellerId == seller)
deals = api.deals({"page": 0, "domainId": 1, "priceTypes": [1], "dateRange": 3})
check("deals", deals["dr"] and len(deals["categoryIds"]) == len(deals["categoryNames"]) == len(deals["categoryCount"]))
check("deals, scalar price type", "dr" in api.deals({"page": 0, "domainId": 1}))
books = api.deals({"page": 0, "domainId": 1, "priceTypes": [1], "dateRange": 3, "isFilterEnabled": True,
                   "includeCategories": [283155], "isRangeEnabled": True, "deltaPercentRange": [15, 90]})
check("deals, filtered", all(d["rootCat"] == 283155 and 15 <= d["deltaPercent"][3][1] <= 90 for d in books["dr"]) and books["dr"])
check("deals, typed", api.deals({"page": 0, "domainId": 1, "priceTypes": [1], "dateRange": 3}, typed=True).dr)
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "graph.png"
    api.download_graph_image(asins[0], str(file), domain="US", amazon=1, new=1, used=1, range=365, width=800, height=400)
    check("download_graph_image", file.stat().st_size > 200)


async def asynchronous():
    api = await keepa.AsyncKeepa.create("conformance-key")
    products = await api.query(asins[:3], stats=30, progress_bar=False)
    return products, await api.product_finder(dict(wanted), n_products=50), await api.deals({"page": 0, "domainId": 1})


products, again, more = asyncio.run(asynchronous())
check("asynchronous client", len(products) == 3 and again == asins[:50] and "dr" in more)

# Errors by status: unknown parameter values, a page that is too small, other marketplaces.
for name, call in {
    "perPage below 50": lambda: api.product_finder(dict(wanted, perPage=20)),
    "storefront of two sellers": lambda: api.seller_query([seller, "ATVPDKIKX0DER"], storefront=True),
}.items():
    try:
        call()
        check(name, False, "no error")
    except RuntimeError as error:
        check(name, str(error) == "REQUEST_REJECTED", error)

# Out of tokens: the balance of a key whose next tick is three seconds away is set to zero.
admin("time/advance", seconds=-57)
poor = keepa.Keepa("poor-key", check_key=True, logging_level="ERROR")
admin("time/advance", seconds=57)
admin("tokens", key="poor-key", tokens=0)
try:
    poor._request("product", {"key": "poor-key", "domain": 1, "asin": asins[0]}, wait=False)
    check("429 without waiting", False, "no error")
except RuntimeError as error:
    check("429 without waiting", str(error) == "NOT_ENOUGH_TOKEN", error)
started = time.monotonic()
waited_for = poor.query(asins[0], progress_bar=False)
took = time.monotonic() - started
check("429, waited out", waited_for[0]["asin"] == asins[0] and 1.0 < took < 20.0, f"{took:.1f} s")
print(f"{len(passed)} calls conform: " + ", ".join(passed))
