/** The look of what floats above the page. */
export const FLOATING = 'z-50 rounded-xl border bg-panel p-1.5 shadow-xl appear';
