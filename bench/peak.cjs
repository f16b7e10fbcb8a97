// Loaded into a node process by NODE_OPTIONS: writes its peak memory (KiB) to the file named in PEAK_FILE when it ends.
const { writeFileSync } = require("node:fs");
process.on("exit", () => {
  writeFileSync(process.env.PEAK_FILE, `${process.resourceUsage().maxRSS}\n`, { flag: "a" });
});
