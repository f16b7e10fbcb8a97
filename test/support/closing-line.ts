import Mocha from "mocha";

/** Mocha's spec report with a last line that programs can read: `12 passed, 0 failed, 1 skipped`. */
class ClosingLine extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : "";
    console.log(`${passes} passed, ${failures} failed${skipped}`);
  }
}

export = ClosingLine;
