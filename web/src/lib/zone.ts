/** The time zone of whoever looks, an IANA name. */
export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
