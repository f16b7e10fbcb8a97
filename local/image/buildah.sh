#!/bin/sh
# Builds an image without a Docker daemon: buildah.sh STORE CONTEXT DOCKERFILE TAG OUT BASE [option of buildah build ...]
# Run by local/image.ts in mount and process namespaces of its own: whatever ends it, nothing stays mounted or running.
set -eu
store=$1 context=$2 dockerfile=$3 tag=$4 out=$5 base=$6
shift 6

# One at a time: two builds would take each other's working containers for left-overs. Held until the last child ends.
exec 9>"$store/lock"
flock 9

# Knows of mounts that ended with the namespace of the run before.
rm -rf "$store/run" "$store/tmp"
mkdir "$store/tmp"
export TMPDIR="$store/tmp"
buildah() { command buildah --root "$store/root" --runroot "$store/run" "$@"; }
buildah rm --all >/dev/null 2>&1 || true

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
  echo "base image: Python from Debian packages"
  mkdir "$store/tmp/base"
  # Without these the packages bring along 47 MB of Perl.
  hooks=/usr/share/mmdebstrap/hooks/merged-usr
  merged=
  if [ -d $hooks ]; then merged="--hook-dir=$hooks --include=usr-is-merged"; fi
  # pip refuses to install into a system's own Python where the marker file is.
  mmdebstrap --mode=root --variant=essential $merged --include=python3,python3-pip,ca-certificates,curl,libstdc++6,libgomp1 \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='ln -s python3 "$1/usr/bin/python"; rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
    --customize-hook='rm -rf "$1"/var/cache/* "$1"/var/log/*' \
    bookworm "$store/tmp/base/root.tar"
  printf 'FROM scratch\nADD root.tar /\n' >"$store/tmp/base/Dockerfile"
  buildah build --isolation chroot --tag "$base" "$store/tmp/base"
fi

# buildah before 1.30 looks at the value of a build argument only when it meets a RUN: without one, an ENV that uses the
# argument comes out of the cache with the value of an earlier build.
awk 'toupper($1) == "FROM" { stage = 1 }
  { print }
  stage && toupper($1) == "ARG" { argument = 1 }
  argument && !/\\$/ { print "RUN :"; argument = 0 }' "$dockerfile" >"$store/tmp/Dockerfile"

buildah build --isolation chroot --network host --pull-never --layers --iidfile "$store/tmp/id" --tag "$tag" \
  --file "$store/tmp/Dockerfile" --build-arg "BASE=$base" "$@" "$context"

echo "writing $out"
# Not compressed: the cluster unpacks it on the same machine.
rm -f "$out.half"
buildah push --quiet "$(cat "$store/tmp/id")" "docker-archive:$out.half:$tag"
mv "$out.half" "$out"
