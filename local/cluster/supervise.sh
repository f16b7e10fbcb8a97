#!/bin/bash
# The first process of the embedded cluster's own pid and mount namespaces: when it ends, however it ends, the kernel ends
# every component, container and mount in them. Its environment is made by cluster.ts.
#   CLUSTER    folder of the cluster's state
#   NODE_IP    address of the bridge                  *_PORT     ports
#   PAUSE_ARCHIVE  image to load before the first pod, or empty
set -u
cd "$CLUSTER" || exit 1
mkdir -p log kubelet containerd run disks
cat /run/systemd/resolve/resolv.conf 2>/dev/null >resolv.conf || cat /etc/resolv.conf >resolv.conf

# Paths that containerd, runc, the CNI plugins and the kubelet have built in lead into the cluster's folder, in here only.
touch /run/xtables.lock
mount -t tmpfs -o mode=755 tmpfs run
touch run/xtables.lock
mount --bind /run/xtables.lock run/xtables.lock
mount --rbind run /run
mount --rbind log /var/log
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p /var/lib/kubelet /run/gpu-serving
mount --bind kubelet /var/lib/kubelet
mount --make-shared /var/lib/kubelet
# Where the controller manager makes disks; outside of here there is only an empty folder.
mkdir -p /tmp/hostpath_pv
mount --bind disks /tmp/hostpath_pv

# keep NAME COMMAND...: runs a component for ever; one that ends is started again a second later.
keep() {
  local name=$1
  shift
  [ -f "log/$name.log" ] && mv "log/$name.log" "log/$name.old.log"
  while :; do
    "$@" >>"log/$name.log" 2>&1
    echo "--- $name ended with code $?; starting it again" >>"log/$name.log"
    sleep 1
  done &
}

# Disks are made for root alone, and the kubelet gives this kind to no group: pods run as any user.
open_disks() {
  while sleep 0.3; do
    for disk in /tmp/hostpath_pv/*/; do
      [ -g "$disk" ] || chmod 2777 "$disk"
    done
  done
} 2>/dev/null

kubectl() { command kubectl --kubeconfig "$KUBECONFIG_FILE" "$@"; }

# Data that etcd cannot read after a crash is put aside: the cluster starts afresh, and cluster.ts says so.
etcd_or_afresh() {
  for try in 1 2 3; do
    local since=$SECONDS
    etcd --name local --data-dir etcd --unsafe-no-fsync --log-level warn \
      --listen-client-urls "http://127.0.0.1:$DATA_PORT" --advertise-client-urls "http://127.0.0.1:$DATA_PORT" \
      --listen-peer-urls "http://127.0.0.1:$DATA_PEER_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$DATA_PEER_PORT" \
      --initial-cluster "local=http://127.0.0.1:$DATA_PEER_PORT"
    [ $((SECONDS - since)) -gt 20 ] && return 1
    sleep 1
  done
  rm -rf etcd.unreadable && mv etcd etcd.unreadable
  return 1
}

# The kubelet sets extended resources to 0 when it registers, so the GPUs are given again after each of its starts.
kubelet_with_gpus() {
  (
    for _ in $(seq 20); do
      sleep 1.5
      kubectl patch node "$NODE_NAME" --subresource=status --type=merge \
        -p '{"status":{"capacity":{"nvidia.com/gpu":"8"},"allocatable":{"nvidia.com/gpu":"8"}}}'
    done
  ) >/dev/null 2>&1 &
  local patching=$!
  kubelet --config kubelet.yaml --kubeconfig kubelet.kubeconfig --hostname-override "$NODE_NAME" --node-ip "$NODE_IP" \
    --node-labels gpu-serving/pool=dev --cert-dir kubelet/pki
  kill $patching 2>/dev/null
  return 1
}

. "$(dirname "$0")/stand-ins.sh"

# kwok comes with the first simulated nodes, which may be after this start. It takes over nodes only when the lease of the kwok before has
# run out: it is taken away.
kwok_at_once() {
  until command -v kwok >/dev/null; do sleep 0.5; done
  kubectl -n kube-node-lease delete lease simulated-gpu-1 simulated-gpu-2 simulated-gpu-3 --ignore-not-found
  kwok "$@"
}

keep containerd containerd --config containerd.toml
keep etcd etcd_or_afresh
until (exec 3<>"/dev/tcp/127.0.0.1/$DATA_PORT") 2>/dev/null; do sleep 0.1; done
# Its last three lines lead what it does not answer itself, such as the figures of KEDA, to the server for that, and say who asks.
keep kube-apiserver kube-apiserver --etcd-servers "http://127.0.0.1:$DATA_PORT" \
  --bind-address "$NODE_IP" --advertise-address "$NODE_IP" --secure-port "$API_PORT" --tls-cert-file cluster.crt --tls-private-key-file cluster.key \
  --service-cluster-ip-range "$SERVICE_RANGE" --service-node-port-range 30000-32767 \
  --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --anonymous-auth=false \
  --token-auth-file tokens.csv --allow-privileged=true \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file sa.key --service-account-signing-key-file sa.key \
  --kubelet-client-certificate cluster.crt --kubelet-client-key cluster.key --kubelet-preferred-address-types InternalIP \
  --proxy-client-cert-file cluster.crt --proxy-client-key-file cluster.key --requestheader-client-ca-file cluster.crt \
  --requestheader-allowed-names gpu-serving-local --requestheader-username-headers X-Remote-User \
  --requestheader-group-headers X-Remote-Group --requestheader-extra-headers-prefix X-Remote-Extra-
until [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ]; do sleep 0.2; done
if [ -n "$PAUSE_ARCHIVE" ]; then
  until ctr -n k8s.io images import "$PAUSE_ARCHIVE"; do sleep 0.5; done
fi
# Before any pod; where there is no Go to compile it, no policy is enforced.
if command -v network-policies >/dev/null; then
  keep network-policies network-policies --kubeconfig "$KUBECONFIG_FILE" --node "$NODE_NAME"
fi
keep kubelet kubelet_with_gpus
keep kube-controller-manager kube-controller-manager --kubeconfig controller-manager.kubeconfig --leader-elect=false \
  --bind-address 127.0.0.1 --secure-port "$CONTROLLER_PORT" --root-ca-file cluster.crt \
  --service-account-private-key-file sa.key --use-service-account-credentials=true --controllers '*' \
  --enable-hostpath-provisioner=true
keep kube-scheduler kube-scheduler --kubeconfig scheduler.kubeconfig --leader-elect=false \
  --bind-address 127.0.0.1 --secure-port "$SCHEDULER_PORT"
keep disks open_disks
keep load-balancers load_balancers
keep service-account-tokens service_account_tokens
keep coredns coredns -conf Corefile
keep kube-proxy kube-proxy --config kube-proxy.yaml
keep kwok kwok_at_once --kubeconfig "$KUBECONFIG_FILE" --config kwok.yaml --server-address "127.0.0.1:$KWOK_PORT" \
  --manage-nodes-with-annotation-selector kwok.x-k8s.io/node=fake --node-port 0 --node-lease-duration-seconds 40
wait
