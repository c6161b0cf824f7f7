/** The marketplaces that searches accept, with Keepa's number and the currency their amounts are in. */
export const MARKETS = {
  us: { domain: 1, name: 'amazon.com', currency: 'USD' },
  uk: { domain: 2, name: 'amazon.co.uk', currency: 'GBP' },
  de: { domain: 3, name: 'amazon.de', currency: 'EUR' },
  fr: { domain: 4, name: 'amazon.fr', currency: 'EUR' },
  jp: { domain: 5, name: 'amazon.co.jp', currency: 'JPY' },
  ca: { domain: 6, name: 'amazon.ca', currency: 'CAD' },
  it: { domain: 8, name: 'amazon.it', currency: 'EUR' },
  es: { domain: 9, name: 'amazon.es', currency: 'EUR' },
  in: { domain: 10, name: 'amazon.in', currency: 'INR' },
  mx: { domain: 11, name: 'amazon.com.mx', currency: 'MXN' },
  br: { domain: 12, name: 'amazon.com.br', currency: 'BRL' },
} as const;

export type Market = keyof typeof MARKETS;

export const isMarket = (code: unknown): code is Market => typeof code === 'string' && code in MARKETS;

/** The currency of a marketplace's amounts. */
export const currencyOf = (market: string): string => (isMarket(market) ? MARKETS[market].currency : 'USD');

/** The marketplace of Keepa's number, as it stands in the keys of the caches. */
export const marketOfDomain = (domain: number): Market | undefined =>
  (Object.keys(MARKETS) as Market[]).find((code) => MARKETS[code].domain === domain);
