#!/bin/sh
set -u
versions=$TARGET/.versions
half=$versions/half
how=$(printf %s "$NOTIFY" | cut -d " " -f 2)
mkdir -p "$versions"
export RCLONE_CONFIG=""

say() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }
refuse() { why=$*; return 1; }
current() { basename "$(readlink "$TARGET/current" 2>/dev/null)"; }
last_line() { tail -n 1 "$versions/said" | cut -c1-300; }
# Path, size and time of each file.
listing() { rclone lsf --recursive --files-only --format pst "$SOURCE" 2>"$versions/said"; }

# What the source holds: the version's name, and the names of its files in the file "names".
look() {
  [ -d "$SOURCE" ] || refuse "there is no folder $NAME" || return 1
  if [ -f "$SOURCE/SHA256SUMS" ]; then
    cat "$SOURCE/SHA256SUMS" >"$versions/given" 2>"$versions/said" || refuse "$NAME/SHA256SUMS: $(last_line)" || return 1
    # Windows ends lines with a carriage return, which would belong to the names of the files.
    tr -d '\r' <"$versions/given" >"$versions/sums"
    if grep -qvE '^[0-9a-f]{64} [ *][^ ]' "$versions/sums" || [ ! -s "$versions/sums" ]; then
      refuse "$NAME/SHA256SUMS is not what sha256sum writes" || return 1
    fi
    cut -c67- "$versions/sums" | sed 's:^\./::' >"$versions/names"
    if grep -qE '^/|(^|/)\.\.(/|$)' "$versions/names"; then
      refuse "$NAME/SHA256SUMS names files outside of $NAME" || return 1
    fi
  else
    rm -f "$versions/sums"
    listing >"$versions/listing" || refuse "$NAME cannot be listed: $(last_line)" || return 1
    [ -s "$versions/listing" ] || refuse "$NAME has no files" || return 1
    rclone lsf --recursive --files-only "$SOURCE" >"$versions/names" 2>"$versions/said" ||
      refuse "$NAME cannot be listed: $(last_line)" || return 1
  fi
  if [ -f "$versions/sums" ]; then version=$(sha256sum <"$versions/sums"); else version=$(sha256sum <"$versions/listing"); fi
  version=$(printf %.12s "$version")
}

# Without checksums only time tells whether somebody is still writing.
unchanged() {
  listing >"$versions/again" && cmp -s "$versions/listing" "$versions/again" || refuse "$NAME is being written"
}

fits() {
  need=$(rclone lsf --recursive --files-only --format s --files-from-raw "$versions/names" "$SOURCE" 2>/dev/null |
    awk '{ bytes += $1 } END { printf "%d", bytes / 1024 + 1 }')
  used=$(du -sk "$TARGET" | cut -f1)
  [ $((used + need)) -le "$LIMIT_KIB" ] ||
    refuse "$NAME has $need KiB, and of the $LIMIT_KIB KiB for models $used are in use; raise size"
}

copy() {
  rclone copy --files-from-raw "$versions/names" "$SOURCE" "$half" >"$versions/said" 2>&1 ||
    refuse "$NAME cannot be copied whole: $(last_line)" || return 1
  if [ -f "$versions/sums" ]; then
    cp "$versions/sums" "$half/SHA256SUMS" && (cd "$half" && sha256sum -c SHA256SUMS) >"$versions/said" 2>&1 && return
    refuse "$NAME does not fit its SHA256SUMS: $(grep -v ': OK$' "$versions/said" | head -n 1)"
  else
    rclone check --one-way "$SOURCE" "$half" >"$versions/said" 2>&1 || refuse "$NAME is being written" || return 1
    unchanged
  fi
}

# The server sees the old folder or the new one: renaming a link over another is one step.
switch() {
  before=$(current)
  ln -sfn ".versions/$version" "$versions/link" && mv -T "$versions/link" "$TARGET/current" || return 1
  # A version's age is the time since it was replaced.
  [ -z "$before" ] || touch "$versions/$before"
}

update() {
  look || return 1
  [ "$version" != "$(current)" ] || return 0
  if [ ! -d "$versions/$version" ]; then
    rm -rf "$half"
    if [ ! -f "$versions/sums" ]; then sleep "$SETTLE"; unchanged || return 1; fi
    fits && mkdir "$half" && copy || { rm -rf "$half"; return 1; }
    mv "$half" "$versions/$version" || return 1
  fi
  switch || refuse "$FOLDER cannot be written" || return 1
  say "$NAME: version $version is in $FOLDER/current"
}

clean() {
  for old in "$versions"/????????????; do
    [ -d "$old" ] && [ "$old" != "$versions/$(current)" ] || continue
    [ $(($(date +%s) - $(stat -c %Y "$old"))) -lt "$GRACE" ] || rm -rf "$old"
  done
}

# The server's own process: the only one that was started from outside of the pod with this variable.
server() {
  for process in /proc/[0-9]*; do
    grep -q '^PPid:[[:space:]]*0$' "$process/status" 2>/dev/null || continue
    tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qxF "MODEL_UPDATES=$FOLDER" && basename "$process" && return
  done
  return 1
}

# A server that has not started yet reads the new version when it does.
tell() {
  case $NOTIFY in
    signal*)
      pid=$(server) || return 0
      kill -s "$how" "$pid" 2>"$versions/said" || refuse "no $how to the server: $(last_line)"
      ;;
    http*)
      timeout 600 wget -q -O /dev/null --post-data '' "$how" 2>"$versions/said" ||
        refuse "$how did not take the new version: $(last_line)"
      ;;
  esac
}

told() { printf %s "$(current)" >"$versions/told"; }

if [ $# -gt 0 ]; then
  if ! update && [ -z "$(current)" ]; then
    say "no model: $why; the server starts when there is one" >&2
    exit 1
  fi
  told
  exit 0
fi

trap 'exit 0' TERM INT
while :; do
  update || say "not taken: $why" >&2
  if [ "$(cat "$versions/told" 2>/dev/null)" != "$(current)" ]; then
    if tell; then told; else say "$why; it is told again" >&2; fi
  fi
  clean
  sleep "$EVERY" &
  wait $!
done
