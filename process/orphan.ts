/** Ends this process soon after the one that started it, however that one ended. */
export function diesWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit();
  }, 500).unref();
}
