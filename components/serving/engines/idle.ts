/** Sleeps, then waits until a page of figures says that nothing is worked on. Arguments: seconds before, seconds at most, address, what it says while it works. */
const wait = `sleep "$1"
end=$(( $(date +%s) + $2 ))
while [ "$(date +%s)" -lt "$end" ]; do
  said=$(curl --silent --noproxy '*' --max-time 10 --header "Authorization: Bearer $KEY" "$3")
  # 28: it is too busy to say so.
  [ $? = 28 ] || echo "$said" | grep -Eq "$4" || exit 0
  sleep 1
done
`;

/**
 * A command that a pod of an engine that drops its requests runs before it is told to stop: it gives clients `before` seconds to
 * learn that the pod is gone, and its requests `most` seconds to end.
 */
export function waitUntilIdle(
  { port, path, busy, variable }: { port: number; path: string; busy: string; variable: string },
  { before, most }: { before: number; most: number },
): string[] {
  const script = wait.replace("$KEY", `$${variable}`);
  const url = `http://127.0.0.1:${port}${path}`;
  return ["sh", "-c", script, "sh", `${before}`, `${most}`, url, busy];
}
