// One ticking clock for every relative time on the page: components read `now.ms`, one timer moves it.
class Now {
  ms = $state(Date.now());
  constructor() {
    setInterval(() => (this.ms = Date.now()), 10_000);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.ms = Date.now();
    });
  }
}
export const now = new Now();
