// What a slider has told the page, which comes back with the page's next run: by then the user may be elsewhere.

/** @template Value */
export class Reports {
  constructor() {
    this.report = (/** @type {Value} */ _value) => {};
    this.told = /** @type {Value[]} */ ([]); // and has not come back yet
    this.shown = /** @type {Value | undefined} */ (undefined); // by the page
  }

  /** @param {Value} value */
  tell(value) {
    if (value === (this.told.at(-1) ?? this.shown)) return;
    this.told.push(value);
    this.report(value);
  }

  /**
   * Whether what the page shows is news: of Back, Forward or another link, and no echo.
   * @param {Value} value
   */
  isNews(value) {
    const at = this.told.indexOf(value);
    const isKnown = at >= 0 || value === this.shown;
    this.told.splice(0, at + 1);
    this.shown = value;
    return !isKnown;
  }
}
