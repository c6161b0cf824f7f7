/** The marketplaces that searches accept, with the currency their amounts are in. */
export const MARKETS = {
  us: { name: 'amazon.com', currency: 'USD' },
  uk: { name: 'amazon.co.uk', currency: 'GBP' },
  de: { name: 'amazon.de', currency: 'EUR' },
  fr: { name: 'amazon.fr', currency: 'EUR' },
  jp: { name: 'amazon.co.jp', currency: 'JPY' },
  ca: { name: 'amazon.ca', currency: 'CAD' },
  it: { name: 'amazon.it', currency: 'EUR' },
  es: { name: 'amazon.es', currency: 'EUR' },
  in: { name: 'amazon.in', currency: 'INR' },
  mx: { name: 'amazon.com.mx', currency: 'MXN' },
  br: { name: 'amazon.com.br', currency: 'BRL' },
} as const;

export type Market = keyof typeof MARKETS;

export const isMarket = (code: unknown): code is Market => typeof code === 'string' && code in MARKETS;

/** The currency of a marketplace's amounts. */
export const currencyOf = (market: string): string => (isMarket(market) ? MARKETS[market].currency : 'USD');
