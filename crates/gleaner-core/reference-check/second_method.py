#!/usr/bin/env python3
"""Second method: the economic model of Gleaner, worked out independently of the Rust program.

Python 3.11, standard library only. Money is an integer in the minor unit, everything between is an exact
fraction; only the velocity score needs a logarithm (50 digits).

    second_method.py score FILE [--condition new|used] [--as-of 2026-11-22T12:00:00Z]
    second_method.py golden DATA_DIR      reproduce the ten golden rows, print the differences
    second_method.py table DATA_DIR       write table.json, table.md and golden.json beside this file
    second_method.py synthetic            write synthetic.json beside this file

Strategy `balanced`, default rules, cost by `factor`. Where the specification can be read in two ways the reading
taken here is in ambiguities.md (the marks [A1], [A2] ... below).
"""
import argparse
import gzip
import json
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from fractions import Fraction as F
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAY = 1440                       # Keepa minutes in a day
KEEPA_EPOCH_MIN = 21_564_000     # Keepa minute 0 = 2011-01-01T00:00Z, in Unix minutes
TRIPLES = {7, *range(18, 30), 32}

# --------------------------------------------------------------------------------------------------------------
# Fee cards, transcribed. Amounts in cents.
# --------------------------------------------------------------------------------------------------------------
OZ_SMALL = [2, 4, 6, 8, 10, 12, 14, 16]
OZ_LARGE = [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]   # 1.25 lb = 20 oz ... 3 lb = 48 oz

# 2026, non-peak: (below 10.00, 10.00 to 50.00, above 50.00), each cell as printed
SMALL_2026 = [(243, 332, 358), (249, 342, 368), (256, 345, 371), (266, 354, 380),
              (277, 368, 394), (282, 378, 404), (292, 391, 417), (295, 396, 422)]
LARGE_2026 = [(291, 373, 399), (313, 395, 421), (338, 420, 446), (378, 460, 486),
              (422, 504, 530), (460, 542, 568), (475, 557, 583), (500, 582, 608),
              (510, 592, 618), (528, 610, 636), (544, 626, 652), (585, 667, 693)]
OVER3_2026 = (615, 697, 723)

# 2026 peak: the middle column, the distances of the low one (the high one is +0.26 everywhere)
SMALL_2026_PEAK_MID = [351, 361, 365, 374, 389, 399, 413, 418]
SMALL_2026_PEAK_LOW_BY = [89, 93, 89, 88, 91, 96, 99, 101]
LARGE_2026_PEAK_MID = [397, 421, 448, 489, 534, 573, 589, 615, 629, 649, 666, 708]
OVER3_2026_PEAK_MID = 751

# 2025: the middle column; 0.77 less below 10.00, no band above 50.00
SMALL_2025_MID = [306, 315, 324, 333, 343, 353, 360, 365]
LARGE_2025_MID = [368, 390, 415, 455, 499, 537, 552, 577, 587, 605, 621, 662]
OVER3_2025_MID = 692
# 2025 peak = 2025 + these
SMALL_PEAK_PLUS = [19, 19, 20, 20, 21, 21, 22, 22]
LARGE_PEAK_PLUS = [24, 26, 28, 29, 30, 31, 32, 33, 37, 39, 40, 41]
OVER3_PEAK_PLUS = 54


def _bands_2025(mid):
    return (mid - 77, mid, mid)


def _bands_2026_peak(mid, low_by):
    return (mid - low_by, mid, mid + 26)


CARDS = [
    {"name": "us-2025", "peak": False, "from": date(2024, 2, 5), "to": date(2026, 1, 14),
     "small": [_bands_2025(m) for m in SMALL_2025_MID],
     "large": [_bands_2025(m) for m in LARGE_2025_MID],
     "over3": _bands_2025(OVER3_2025_MID)},
    {"name": "us-2025-peak", "peak": True, "from": date(2025, 10, 15), "to": date(2026, 1, 14),
     "small": [_bands_2025(m + a) for m, a in zip(SMALL_2025_MID, SMALL_PEAK_PLUS)],
     "large": [_bands_2025(m + a) for m, a in zip(LARGE_2025_MID, LARGE_PEAK_PLUS)],
     "over3": _bands_2025(OVER3_2025_MID + OVER3_PEAK_PLUS)},
    # The base card runs under its peak card: that changes nothing inside the year, and after 2027-01-14 it is
    # the one that is used, marked as outdated. [A20]
    {"name": "us-2026", "peak": False, "from": date(2026, 1, 15), "to": date(2027, 1, 14),
     "small": SMALL_2026, "large": LARGE_2026, "over3": OVER3_2026},
    {"name": "us-2026-peak", "peak": True, "from": date(2026, 10, 15), "to": date(2027, 1, 14),
     "small": [_bands_2026_peak(m, by) for m, by in zip(SMALL_2026_PEAK_MID, SMALL_2026_PEAK_LOW_BY)],
     "large": [_bands_2026_peak(m, 82) for m in LARGE_2026_PEAK_MID],
     "over3": _bands_2026_peak(OVER3_2026_PEAK_MID, 82)},
]
OVER3_STEP = 8                                  # cents per started 4 oz above 3 lb, all cards
SURCHARGE_FROM, SURCHARGE = date(2026, 4, 17), F(35, 1000)
STORAGE = {"standard": (78, 240), "beyond": (56, 140)}   # cents per cu ft and month: Jan-Sep, Oct-Dec

MEDIA_ROOTS = {283155, 5174, 2625373011, 468642, 229534}  # Books, CDs & Vinyl, Movies & TV, Video Games, Software
MEDIA_CLOSING = 180
MIN_REFERRAL = 30                                         # none for media
FLAT_15 = {283155, 5174, 2625373011, 468642, 229534, 1055398, 165793011, 3375251, 228013, 1064954, 2619533011,
           2972638011, 2617941011, 11091801}
FLAT_12 = {15684181, 16310091}
# by the whole price: (up to and including this price, percent), last one without a bound
PRICE_RULES = {7141123011: [(1500, 5), (2000, 10), (None, 17)],
               3760911: [(1000, 8), (None, 15)], 3760901: [(1000, 8), (None, 15)],
               165796011: [(1000, 8), (None, 15)], 16310101: [(1500, 8), (None, 15)]}

MARKETPLACES = {1: ("us", "USD"), 2: ("uk", "GBP"), 3: ("de", "EUR"), 4: ("fr", "EUR"), 5: ("jp", "JPY"),
                6: ("ca", "CAD"), 8: ("it", "EUR"), 9: ("es", "EUR"), 10: ("in", "INR"), 11: ("mx", "MXN"),
                12: ("br", "BRL")}

# --------------------------------------------------------------------------------------------------------------
# Rules: strategy `balanced`. Profit thresholds in the minor unit; yen x 100 gives the same integers.
# --------------------------------------------------------------------------------------------------------------
LEVELS = ["SKIP", "CONSIDER", "BUY", "STRONG_BUY"]
THRESHOLDS = {"STRONG_BUY": (50, 80, 500), "BUY": (30, 60, 300), "CONSIDER": (15, 40, 0)}   # ROI, velocity, profit
COST_FACTOR = F(40, 100)
PREP, INBOUND_PER_LB, STORAGE_MONTHS = 20, 40, 1          # amazon.com only
GRAMS_PER_LB = F("453.59237")
MM3_PER_IN3 = F("25.4") ** 3
MM3_PER_FT3 = F("304.8") ** 3
DEFAULT_VOLUME_FT3 = F("0.05")
ASSUMPTIONS = ["cost_assumed", "size_assumed", "weight_assumed", "referral_assumed", "fee_card_outdated",
               "vat_ignored"]


# --------------------------------------------------------------------------------------------------------------
# Small helpers
# --------------------------------------------------------------------------------------------------------------
def round_half_up(x):
    """Nearest integer, halves away from zero (for what is positive: half up)."""
    x = F(x)
    n = (abs(x) * 2 + 1) // 2
    return int(n) if x >= 0 else -int(n)


def tenth(x):
    """One decimal, as shown."""
    return None if x is None else float(Decimal(round_half_up(F(x) * 10)) / 10)


def ceil(x):
    return -((-F(x)) // 1)


def minute_to_datetime(m):
    return datetime(2011, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=m)


def datetime_to_minute(dt):
    """Keepa minute that contains the moment (floor)."""
    return int((dt - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() // 60) - KEEPA_EPOCH_MIN


def iso(m):
    return minute_to_datetime(m).strftime("%Y-%m-%dT%H:%MZ")


def positive(v):
    """A number above zero or missing: sides, weights, rates, fees, prices, ranks, monthlySold."""
    return v if isinstance(v, (int, Decimal)) and not isinstance(v, bool) and v > 0 else None


def not_negative(v):
    return v if isinstance(v, (int, Decimal)) and not isinstance(v, bool) and v >= 0 else None


def load(path):
    """-> (product, timestamp of the answer in ms or None)"""
    raw = Path(path).read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    doc = json.loads(raw, parse_float=Decimal)
    if "products" in doc:
        return doc["products"][0], doc.get("timestamp")
    if "asin" in doc:
        return doc, None
    for value in doc.values():          # a wrapper around one product
        if isinstance(value, dict) and "asin" in value:
            return value, doc.get("timestamp")
    raise ValueError(f"{path}: no product")


def series(product, index, floor):
    """Decoded csv slot: [(minute, value or None)]. floor 1: prices and ranks (0 is missing); floor 0: counts."""
    csv = product.get("csv")
    flat = csv[index] if csv and index < len(csv) else None
    if not flat:
        return []
    out = []
    if index in TRIPLES:
        for i in range(0, len(flat) - 2, 3):
            t, price, shipping = flat[i:i + 3]
            out.append((t, price + max(shipping, 0) if price >= floor else None))   # [A2]
    else:
        for i in range(0, len(flat) - 1, 2):
            t, v = flat[i:i + 2]
            out.append((t, v if v >= floor else None))
    return out


def value_at(records, t):
    """The value valid at minute t (a record made at t counts), or None."""
    found = None
    for when, value in records:
        if when > t:
            break
        found = value
    return found


def segments(records, start, end):
    """(value, minutes) spent at each known value within [start, end]; what was carried in counts."""
    out = []
    for i, (t, v) in enumerate(records):
        if t > end:
            break
        until = min(records[i + 1][0] if i + 1 < len(records) else end, end)
        begin = max(t, start)
        if v is not None and until > begin:
            out.append((v, until - begin))
    return out


# --------------------------------------------------------------------------------------------------------------
# Facts at an evaluation time
# --------------------------------------------------------------------------------------------------------------
def median90(records, e):
    spent = sorted(segments(records, e - 90 * DAY, e))
    total = sum(minutes for _, minutes in spent)
    if total == 0:
        return value_at(records, e)
    so_far = 0
    for value, minutes in spent:
        so_far += minutes
        if 2 * so_far >= total:
            return value
    raise AssertionError("unreachable")


def choose_price(product, condition, e):
    candidates = {"new": [18, 10, 1], "used": [32, 2]}[condition]
    names = {18: "BUY_BOX_SHIPPING", 10: "NEW_FBA", 1: "NEW", 32: "BUY_BOX_USED_SHIPPING", 2: "USED"}
    decoded = {i: series(product, i, 1) for i in candidates}
    chosen = next((i for i in candidates if value_at(decoded[i], e) is not None), None)
    if chosen is None:
        chosen = next((i for i in candidates if segments(decoded[i], e - 90 * DAY, e)), None)
    if chosen is None:
        return {"series": None, "index": None, "current": None, "median90": None, "sell": None, "known_minutes": 0}
    records = decoded[chosen]
    current, median = value_at(records, e), median90(records, e)
    return {"series": names[chosen], "index": chosen, "current": current, "median90": median,
            "sell": min(x for x in (current, median) if x is not None),
            "known_minutes": sum(m for _, m in segments(records, e - 90 * DAY, e))}


def counted_drops(ranks, e, days):
    """Falls between consecutive valid ranks, dated by the later one, in (e - days, e]. None: never a valid rank."""
    valid = [(t, r) for t, r in ranks if t <= e and r is not None]
    if not valid:
        return None
    n = 0
    for (_, old), (t, new) in zip(valid, valid[1:]):
        fall = old - new
        if t <= e - days * DAY or fall <= 0:
            continue
        if old < 8_000 or (old < 20_000 and fall >= 8) or (old >= 20_000 and 100 * fall >= 4 * old):
            n += 1
    return n


def sale_days180(ranks, e):
    """Windows (b - 24 h, b], b = e, e - 24 h, ... A record at the window's start is the value carried in. [A7]"""
    ranks = [(t, r) for t, r in ranks if t <= e]
    if not any(r is not None for _, r in ranks):
        return None
    days = 0
    for k in range(180):
        end = e - k * DAY
        start = end - DAY
        carried = value_at(ranks, start)
        inside = [r for t, r in ranks if start < t <= end]
        throughout = carried is not None and all(r is not None and r < 100_000 for r in [carried, *inside])
        known = [r for r in inside if r is not None]
        fell = carried is not None and bool(known) and 10 * min(known) < 9 * carried
        days += throughout or fell
    return days


def demand(product, e, looking_back, condition):
    stats = {} if looking_back else (product.get("stats") or {})
    ranks = series(product, 3, 1)
    drops30 = not_negative(stats.get("salesRankDrops30"))
    drops90 = not_negative(stats.get("salesRankDrops90"))
    if drops30 is None:
        drops30 = counted_drops(ranks, e, 30)
    if drops90 is None:
        drops90 = counted_drops(ranks, e, 90)
    monthly = None if looking_back else positive(product.get("monthlySold"))
    by_drops = [F(x) for x in (drops30, None if drops90 is None else F(drops90, 3)) if x is not None]
    present = ([F(monthly)] if monthly is not None else []) + ([min(by_drops)] if by_drops else [])
    sales30 = max(present) if present else None

    offers_new = value_at(series(product, 11, 0), e)
    offers_fba = value_at(series(product, 34, 0), e)
    offers_used = value_at(series(product, 12, 0), e)
    competing = offers_used if condition == "used" else (offers_fba if offers_fba is not None else offers_new)
    yours = None if sales30 is None or competing is None else sales30 / (1 + competing)
    return {"drops30": drops30, "drops90": drops90, "monthly_sold": monthly, "sales30": sales30,
            "your_sales30": yours, "days_to_sell": 30 / yours if yours else None,
            "velocity": velocity(sales30), "sale_days180": sale_days180(ranks, e), "bsr": value_at(ranks, e),
            "offers_new": offers_new, "offers_fba": offers_fba, "offers_used": offers_used}


def velocity(sales30):
    """0 to 100, exact to 50 digits; shown with one decimal, compared as it is."""
    if sales30 is None:
        return F(0)
    with localcontext() as ctx:
        ctx.prec = 50
        x = Decimal(1) + Decimal(sales30.numerator) / Decimal(sales30.denominator)
        return min(F(100), F(100 * x.ln() / Decimal(101).ln()))


def amazon(product, e, looking_back):
    records = [r for r in series(product, 0, 1) if r[0] <= e]
    availability = None if looking_back else product.get("availabilityAmazon")
    in_stock = availability == 0 or value_at(records, e) is not None
    known = availability is not None or bool(records)
    stats = {} if looking_back else (product.get("stats") or {})
    out = stats.get("outOfStockPercentage90") or [-1]
    return (in_stock if known else None), (100 - out[0] if out[0] is not None and out[0] >= 0 else None)


# --------------------------------------------------------------------------------------------------------------
# Fees
# --------------------------------------------------------------------------------------------------------------
class Package:
    def __init__(self, product):
        sides = [positive(product.get(k)) for k in ("packageLength", "packageWidth", "packageHeight")]
        self.grams = positive(product.get("packageWeight"))
        self.sides = sorted(sides, reverse=True) if all(sides) else None     # mm, longest first
        self.size_known = self.sides is not None
        self.all_known = self.size_known and self.grams is not None
        self.pounds = F(self.grams) / GRAMS_PER_LB if self.grams is not None else F(1)
        self.volume_mm3 = self.sides[0] * self.sides[1] * self.sides[2] if self.size_known else None

    def fits(self, *inches):
        return all(F(mm) <= F(i) * F("25.4") for mm, i in zip(self.sides, inches))

    def billed_pounds(self):
        """Large standard: the greater of unit and dimensional weight."""
        if not self.size_known:
            return self.pounds
        return max(self.pounds, F(self.volume_mm3) / MM3_PER_IN3 / 139)

    def tier(self):
        """small, large or beyond; only when all four are known."""
        if self.fits(15, 12, F("0.75")) and self.pounds <= 1:
            return "small"
        if self.fits(18, 14, 8) and self.billed_pounds() <= 20:
            return "large"
        return "beyond"

    def beyond_standard(self):
        """What is known is enough to say that it is beyond standard size. [A14]"""
        if self.size_known and not self.fits(18, 14, 8):
            return True
        return self.grams is not None and self.pounds > 20


def price_band(p):
    return 0 if p < 1000 else 1 if p <= 5000 else 2


def card_for(d):
    """-> (card, outdated)"""
    valid = [c for c in CARDS if c["from"] <= d <= c["to"]]
    if valid:
        return max(valid, key=lambda c: c["from"]), False
    base = [c for c in CARDS if not c["peak"]]
    if d < CARDS[0]["from"]:
        return min(base, key=lambda c: c["from"]), True
    return max(base, key=lambda c: c["from"]), True


def row_amount(card, tier, pounds, band):
    if tier == "small":
        for ounces, row in zip(OZ_SMALL, card["small"]):
            if pounds * 16 <= ounces:
                return row[band]
        return None
    for ounces, row in zip(OZ_LARGE, card["large"]):
        if pounds * 16 <= ounces:
            return row[band]
    if pounds <= 20:
        return card["over3"][band] + OVER3_STEP * int(ceil((pounds - 3) * 4))
    return None


def card_fee(card, package, band):
    """The row of a package whose four measures are known; None beyond standard size."""
    tier = package.tier()
    if tier == "beyond":
        return None
    return row_amount(card, tier, package.pounds if tier == "small" else package.billed_pounds(), band)


def surcharge(amount, d):
    return round_half_up(amount * SURCHARGE) if d >= SURCHARGE_FROM else 0


class Fees:
    """All fee lines of one product on one date; lines(p) gives them at a price."""

    def __init__(self, product, e):
        self.domain = product.get("domainId")
        self.has_card = self.domain == 1
        self.day = minute_to_datetime(e).date()
        self.package = Package(product)
        self.card, self.outdated = card_for(self.day) if self.has_card else (None, False)
        fba = product.get("fbaFees") or {}
        self.reported = positive(fba.get("pickAndPackFee"))
        root = product.get("rootCategory")
        self.media = self.has_card and root in MEDIA_ROOTS
        self.closing = not_negative(product.get("variableClosingFee"))
        if self.closing is None:
            self.closing = MEDIA_CLOSING if self.media else 0
        self._referral(product, root)
        self._basis()
        self.adjustment = self._adjustment(product, fba) if self.basis == "card" else 0

    def _referral(self, product, root):
        rate = positive(product.get("referralFeePercentage"))
        rate = None if rate is None else F(rate)
        if rate is not None and abs(rate - round_half_up(rate)) <= F("0.06"):
            rate = F(round_half_up(rate))
        rule = PRICE_RULES.get(root) if self.has_card else None
        flat = (15 if root in FLAT_15 else 12 if root in FLAT_12 else None) if self.has_card else None
        self.referral_assumed = False
        self.rule, self.rate = None, None
        if rule and (rate is None or any(rate == pct for _, pct in rule)):
            self.rule = rule
        elif rate is not None:
            self.rate = rate
        elif flat is not None:
            self.rate = F(flat)
        else:
            self.rate, self.referral_assumed = F(15), True

    def _basis(self):
        """What the fulfilment line rests on: card, reported, assumed_row or None."""
        if self.has_card and self.package.all_known and self.package.tier() != "beyond":
            self.basis = "card"
        elif self.reported is not None:
            self.basis = "reported"
        elif self.has_card and not self.package.all_known and self.package.pounds <= 20:
            self.basis = "assumed_row"       # large standard row for the unit weight, 1 lb when unknown [A13]
        else:
            self.basis = None

    def _adjustment(self, product, fba):
        if self.reported is None:
            return 0
        at = positive(fba.get("lastUpdate")) or positive(product.get("lastUpdate"))
        if at is None:
            return 0
        d = minute_to_datetime(at).date()
        card, _ = card_for(d)

        def excess(band):
            amount = card_fee(card, self.package, band)
            return self.reported - (amount + surcharge(amount, d))

        price = next((v for i in (18, 10, 1) if (v := value_at(series(product, i, 1), at)) is not None), None)
        if price is not None:
            return excess(price_band(price))
        return excess(min((1, 0, 2), key=lambda b: abs(excess(b))))      # min keeps the first of equals: the middle

    def referral_at(self, p):
        rate = self.rate
        if self.rule:
            rate = F(next(pct for bound, pct in self.rule if bound is None or p <= bound))
        amount = round_half_up(p * rate / 100)
        return max(amount, MIN_REFERRAL) if self.has_card and not self.media else amount

    def fulfilment_at(self, p):
        if self.basis == "card":
            return card_fee(self.card, self.package, price_band(p))
        if self.basis == "reported":
            return self.reported
        if self.basis == "assumed_row":
            return row_amount(self.card, "large", self.package.pounds, price_band(p))
        return None

    def fixed(self):
        """prep, inbound, storage: do not move with the price."""
        if not self.has_card:
            return 0, 0, 0
        inbound = round_half_up(self.package.pounds * INBOUND_PER_LB)
        rates = STORAGE["beyond" if self.package.beyond_standard() else "standard"]
        volume = F(self.package.volume_mm3) / MM3_PER_FT3 if self.package.size_known else DEFAULT_VOLUME_FT3
        return PREP, inbound, round_half_up(rates[self.day.month >= 10] * volume * STORAGE_MONTHS)

    def lines(self, p):
        fulfilment = self.fulfilment_at(p)
        if fulfilment is None:
            return None
        prep, inbound, storage = self.fixed()
        on_card = self.basis in ("card", "assumed_row")
        return {"referral": self.referral_at(p), "closing": self.closing, "fulfilment": fulfilment,
                "adjustment": self.adjustment, "surcharge": surcharge(fulfilment, self.day) if on_card else 0,
                "placement": 0, "prep": prep, "inbound": inbound, "storage": storage, "allowance": 0}

    def net(self, p):
        return p - sum(self.lines(p).values())


# --------------------------------------------------------------------------------------------------------------
# Cost, break-even, verdict
# --------------------------------------------------------------------------------------------------------------
def break_even(fees, total_cost):
    """-> (price, [[from, to] of lower windows]). Above 50.01 no line steps any more and net never falls."""
    top = 5_001
    while fees.net(top) < total_cost:
        top *= 2
        if top > 10 ** 9:
            return None, []
    good = [fees.net(p) >= total_cost for p in range(1, top + 1)]        # good[p - 1]
    p = top
    while p > 1 and good[p - 2]:
        p -= 1
    windows, start = [], None
    for q in range(1, p):
        if good[q - 1] and start is None:
            start = q
        if not good[q - 1] and start is not None:
            windows.append([start, q - 1])
            start = None
    return p, windows


def roi_of(profit, cost):
    return F(100 * profit, cost) if cost else None


def holds(level, net, cost, velo=None):
    """The ROI and profit conditions of a level (and velocity when given)."""
    roi_min, velo_min, profit_min = THRESHOLDS[level]
    profit = net - cost
    roi_ok = profit > 0 if cost == 0 else F(100 * profit, cost) >= roi_min
    profit_ok = profit > 0 if level == "CONSIDER" else profit >= profit_min
    return roi_ok, (velo is None or velo >= velo_min), profit_ok


def nearest_change(fees, sell, net, cost, level, velo, ceiling):
    above = LEVELS.index(level) + 1
    if above >= len(LEVELS) or above > ceiling:
        return None                                        # nothing above, or a cap stands in the way
    target = LEVELS[above]
    if velo < THRESHOLDS[target][1]:
        return None
    drop = next((cost - c for c in range(cost - 1, -1, -1) if all(holds(target, net, c))), None)
    limit = max(10 * sell, 100_000)
    rise = next((p - sell for p in range(sell + 1, limit) if all(holds(target, fees.net(p), cost))), None)
    return None if drop is None and rise is None else {"level": target, "cost_drop": drop, "price_rise": rise}


def score(product, timestamp=None, condition="new", as_of=None):
    last_update = positive(product.get("lastUpdate"))
    if as_of is not None:
        e = datetime_to_minute(as_of)
    elif timestamp is not None:
        e = timestamp // 60_000 - KEEPA_EPOCH_MIN
    else:
        e = last_update
    looking_back = last_update is not None and e < last_update
    marketplace, currency = MARKETPLACES[product["domainId"]]

    price = choose_price(product, condition, e)
    dem = demand(product, e, looking_back, condition)
    in_stock, share = amazon(product, e, looking_back)
    fees = Fees(product, e)
    package = fees.package
    sell, velo = price["sell"], dem["velocity"]

    found = {"cost_assumed": True, "size_assumed": not package.size_known, "weight_assumed": package.grams is None,
             "referral_assumed": fees.referral_assumed, "fee_card_outdated": fees.outdated,
             "vat_ignored": product["domainId"] != 1}
    assumptions = [a for a in ASSUMPTIONS if found[a]]

    lines = fees.lines(sell) if sell is not None else None
    net = cost = profit = roi = max_cost = even = None
    windows = []
    if lines is not None:
        net = sell - sum(lines.values())
        cost = round_half_up(sell * COST_FACTOR)
        profit = net - cost
        roi = roi_of(profit, cost)
        roi_min, _, profit_min = THRESHOLDS["BUY"]
        max_cost = int(min(F(net) / (1 + F(roi_min, 100)), F(net - profit_min)) // 1)
        max_cost = max_cost if max_cost > 0 else None
        even, windows = break_even(fees, cost)

    age = None if last_update is None else e - last_update
    low = (len(assumptions) > 1 or dem["bsr"] is None or (age is not None and age > 7 * DAY)
           or price["known_minutes"] < 45 * DAY)
    high = (not assumptions and price["current"] is not None and dem["bsr"] is not None
            and age is not None and age < 7 * DAY)
    confidence = "low" if low else "high" if high else "medium"

    level = "SKIP"
    if net is not None and dem["sales30"] is not None:
        for name in ("CONSIDER", "BUY", "STRONG_BUY"):
            if all(holds(name, net, cost, velo)):
                level = name
    caps = []
    if in_stock or (share is not None and share >= 50):
        caps.append("amazon_in_stock")
    if roi is not None and roi > 200:
        caps.append("roi_outlier")
    if confidence == "low":
        caps.append("low_confidence")
    ceiling = LEVELS.index("CONSIDER") if caps else len(LEVELS) - 1
    recommendation = LEVELS[min(LEVELS.index(level), ceiling)]

    blocking = []
    if sell is None:
        blocking.append("no_price")
    if fees.basis is None:
        blocking.append("no_fulfilment_fee")
    if dem["sales30"] is None:
        blocking.append("no_demand")
    failed = []
    if level != "STRONG_BUY":
        target = LEVELS[LEVELS.index(level) + 1]
        ok = holds(target, net, cost, velo) if net is not None else (False, velo >= THRESHOLDS[target][1], False)
        failed = [c for c, fine in zip(("roi_too_low", "velocity_too_low", "profit_too_low"), ok) if not fine]

    warn = {"hazmat": bool(product.get("hazardousMaterials")),
            "heat_sensitive": product.get("isHeatSensitive") is True,
            "adult": product.get("isAdultProduct") is True,
            "oversize": fees.has_card and package.beyond_standard(),
            "variation": bool(product.get("parentAsin") or product.get("variations")),
            "fee_not_repriced": fees.basis == "reported"}
    change = None
    if net is not None and dem["sales30"] is not None:
        change = nearest_change(fees, sell, net, cost, level, velo, ceiling)

    row = {"asin": product["asin"], "marketplace": marketplace, "currency": currency, "condition": condition,
           "as_of": iso(e), "data_age_minutes": age, "looking_back": looking_back,
           "price_series": price["series"], "price_series_index": price["index"], "current": price["current"],
           "median90": price["median90"], "sell_price": sell, "price_known_minutes90": price["known_minutes"]}
    for key in ("referral", "closing", "fulfilment", "adjustment", "surcharge", "placement", "prep", "inbound",
                "storage", "allowance"):
        row[key] = None if lines is None else lines[key]
    row |= {"net": net, "cost": cost, "profit": profit, "roi_percent": tenth(roi),
            "roi_exact": None if roi is None else f"{roi.numerator}/{roi.denominator}",
            "max_cost": max_cost, "break_even_price": even, "break_even_windows": windows,
            "bsr": dem["bsr"], "drops30": dem["drops30"], "drops90": dem["drops90"],
            "monthly_sold": dem["monthly_sold"], "sales30": tenth(dem["sales30"]),
            "sales30_exact": None if dem["sales30"] is None else str(dem["sales30"]),
            "your_sales30": tenth(dem["your_sales30"]), "days_to_sell": tenth(dem["days_to_sell"]),
            "velocity_score": tenth(velo), "sale_days180": dem["sale_days180"],
            "offers_new": dem["offers_new"], "offers_fba": dem["offers_fba"], "offers_used": dem["offers_used"],
            "amazon_in_stock": in_stock, "amazon_share90": share,
            "uncapped": level, "recommendation": recommendation, "caps": caps,
            "reasons": blocking + failed, "blocking_reasons": blocking, "failed_conditions": failed,
            "assumptions": assumptions, "confidence": confidence,
            "warnings": [w for w, on in warn.items() if on], "nearest_change": change,
            "fulfilment_basis": fees.basis, "fee_card": fees.card["name"] if fees.card else None}
    return row


# --------------------------------------------------------------------------------------------------------------
# The golden rows of the specification
# --------------------------------------------------------------------------------------------------------------
GOLDEN = """
0593655036|book_bestseller_0593655036.json.gz|2025-10-14 03:00|new|1400|210|180|537|0|0|20|53|12|388|560|-30.7|46.0|83.4|SKIP|amazon_in_stock
0593655036|book_bestseller_0593655036.json.gz|2025-11-20 03:00|new|1400|210|180|568|0|0|20|53|12|357|560|-36.3|46.0|83.4|SKIP|amazon_in_stock, low_confidence
B0F7XPYCSJ|lab_glass_B0F7XPYCSJ.json|2026-05-10 05:00|new|2599|312|0|420|0|15|20|21|2|1809|1040|73.9|300.0|100.0|CONSIDER|low_confidence
B0F7XPYCSJ|lab_glass_B0F7XPYCSJ.json|2026-11-22 12:00|new|2599|312|0|448|0|16|20|21|7|1775|1040|70.7|300.0|100.0|CONSIDER|low_confidence
B09X7MPX8L|microsd_B09X7MPX8L.json.gz|2025-11-24 06:00|new|8840|1326|0|325|0|0|20|2|1|7166|3536|102.7|4000.0|100.0|CONSIDER|amazon_in_stock, low_confidence
1593694512|used_book_1593694512.json.gz|2025-05-13 21:00|new|-||||||||||||1.3|18.4|SKIP|no_price
1593694512|used_book_1593694512.json.gz|2025-05-13 21:00|used|2696|404|180|587|0|0|20|83|3|1419|1078|31.6|1.3|18.4|SKIP|
1496849574|used_book_1496849574.json.gz|2025-05-15 15:00|new|944|142|180|460|0|0|20|56|3|83|378|-78.0|1.0|15.0|SKIP|amazon_in_stock
184297291X|used_book_184297291X.json.gz|2025-05-14 23:00|used|2938|441|180|577|0|0|20|71|5|1644|1175|39.9|8.0|47.6|CONSIDER|low_confidence
B0D8W1YVBX|serum_B0D8W1YVBX.json.gz|2026-05-10 06:00|new|1499|225|0|395|0|14|20|12|1|832|600|38.7|100000.0|100.0|CONSIDER|
""".strip().splitlines()
GOLDEN_KEYS = ["sell_price", "referral", "closing", "fulfilment", "adjustment", "surcharge", "prep", "inbound",
               "storage", "net", "cost", "roi_percent", "sales30", "velocity_score"]


def golden(data_dir):
    """-> (rows, True when all ten agree). The last cell is 'caps or reason': a blocking reason stands alone."""
    rows, fine = [], True
    for n, text in enumerate(GOLDEN, 1):
        asin, file, when, condition, *cells = text.split("|")
        cells, verdict, note = cells[:14], cells[14], cells[15]
        as_of = datetime.strptime(when, "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
        product, _ = load(Path(data_dir) / file)
        row = score(product, condition=condition, as_of=as_of)
        rows.append({"file": file, **row})
        wrong = [] if row["asin"] == asin else [f"asin {row['asin']}"]
        for key, want in zip(GOLDEN_KEYS, cells):
            want = None if want in ("", "-") else float(want)
            if want != row[key]:
                wrong.append(f"{key}: expected {want}, got {row[key]}")
        got_note = ", ".join(row["blocking_reasons"] or row["caps"])
        if (verdict, note) != (row["recommendation"], got_note):
            wrong.append(f"verdict: expected {verdict} ({note}), got {row['recommendation']} ({got_note})")
        print(f"row {n:2} {asin} {when} {condition}: {'OK' if not wrong else 'DIFFERS: ' + '; '.join(wrong)}")
        fine = fine and not wrong
    return rows, fine


# --------------------------------------------------------------------------------------------------------------
# Output
# --------------------------------------------------------------------------------------------------------------
LATE = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
COLUMNS = [("file", "file"), ("as_of", "as of"), ("condition", "cond."), ("price_series", "price series"),
           ("current", "current"), ("median90", "median90"), ("sell_price", "sell"), ("referral", "referral"),
           ("closing", "closing"), ("fulfilment", "fulfil."), ("adjustment", "adj."), ("surcharge", "surch."),
           ("prep", "prep"), ("inbound", "inbound"), ("storage", "storage"), ("net", "net"), ("cost", "cost"),
           ("profit", "profit"), ("roi_percent", "ROI %"), ("sales30", "sales30"), ("velocity_score", "velocity"),
           ("sale_days180", "sale days"), ("max_cost", "max cost"), ("break_even_price", "break-even"),
           ("recommendation", "verdict"), ("caps", "caps"), ("reasons", "reasons"), ("assumptions", "assumptions"),
           ("confidence", "confidence"), ("fee_card", "fee card")]


def cell(v):
    if v is None:
        return ""
    if isinstance(v, list):
        return ", ".join(str(x) for x in v)
    return str(v)


def markdown(rows):
    out = ["| " + " | ".join(title for _, title in COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    out += ["| " + " | ".join(cell(row[key]) for key, _ in COLUMNS) + " |" for row in rows]
    return "\n".join(out) + "\n"


def write_json(path, rows):
    body = ",\n".join("  " + json.dumps(r) for r in rows)
    path.write_text("[\n" + body + "\n]\n")


def all_rows(folder):
    rows = []
    for path in sorted(Path(folder).iterdir()):
        product, timestamp = load(path)
        for condition in ("new", "used"):
            rows.append({"file": path.name, "as_of_kind": "own", **score(product, timestamp, condition)})
            rows.append({"file": path.name, "as_of_kind": "late", **score(product, timestamp, condition, LATE)})
            if rows[-2]["looking_back"]:      # the answer's timestamp is before lastUpdate: give the other reading too [A1]
                row = score(product, None, condition)
                rows.append({"file": path.name, "as_of_kind": "last_update", **row})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("score")
    one.add_argument("file")
    one.add_argument("--condition", choices=["new", "used"], default="new")
    one.add_argument("--as-of", type=lambda s: datetime.fromisoformat(s.replace("Z", "+00:00")))
    for name in ("golden", "table"):
        commands.add_parser(name).add_argument("data_dir")
    commands.add_parser("synthetic")
    args = parser.parse_args()
    if args.command == "score":
        product, timestamp = load(args.file)
        print(json.dumps(score(product, timestamp, args.condition, args.as_of), indent=2))
    elif args.command == "golden":
        sys.exit(0 if golden(args.data_dir)[1] else 1)
    elif args.command == "table":
        rows = all_rows(args.data_dir)
        write_json(HERE / "table.json", rows)
        (HERE / "table.md").write_text(TABLE_HEAD + markdown(rows))
        write_json(HERE / "golden.json", golden(args.data_dir)[0])
    else:
        write_json(HERE / "synthetic.json", all_rows(HERE / "synthetic"))


TABLE_HEAD = """# Every saved product, scored by the second method

Written by `second_method.py table DATA_DIR`; the full rows (break-even windows, nearest change, warnings, exact ROI,
offers, drops) are in `table.json`, those of the golden examples in `golden.json`. Amounts are integers in the minor
unit of the marketplace (cents; yen for `japan_*`), an empty cell is a missing value. Each product stands here in
both conditions, as of the file's own time (the answer's `timestamp`, else the product's `lastUpdate`) and as of
2026-11-22T12:00Z.

"""

if __name__ == "__main__":
    main()
