import { Fault } from "../process/fault";
import { run } from "../process/run";
import { command } from "./command";
import { comment } from "./markdown";
import { previewsIn } from "./previews";
import { publish } from "./pull-request";

/** `npm run preview:comment -- folder`: the previews that `npm run preview -- --out folder` left, as the pull request's one comment, or printed where there is none. */
async function write([folder, ...rest]: string[]): Promise<number> {
  if (folder === undefined || rest.length > 0) {
    throw new Fault("Give one folder: npm run preview:comment -- previews");
  }
  const body = comment(previewsIn(folder));
  const { GITHUB_REPOSITORY: repository, PULL_REQUEST: number } = process.env;
  if (!repository || !number) {
    console.log(body);
    return 0;
  }
  const how = await publish(body, repository, Number(number), async (args, input) => {
    const { stdout } = await run("gh", args, { input });
    return stdout;
  });
  console.log(`comment ${how}`);
  return 0;
}

command(write);
