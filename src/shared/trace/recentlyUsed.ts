/** Keeps the results of the last few loads; one that failed or found nothing yet is not kept. */
export class RecentlyUsed<T> {
  private readonly kept = new Map<string, Promise<T>>();

  constructor(private readonly most: number) {}

  async get(name: string, load: () => Promise<T>): Promise<T> {
    const result = this.kept.get(name) ?? load();
    this.kept.delete(name);
    this.kept.set(name, result);
    void result.then(
      (value) => value === undefined && this.kept.delete(name),
      () => this.kept.delete(name),
    );
    if (this.kept.size > this.most) this.kept.delete([...this.kept.keys()][0]);
    return result;
  }
}
