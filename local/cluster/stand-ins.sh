#!/bin/bash
# What a cloud, or an older Kubernetes, would do. Each function watches until the API server ends the watch, and begins with what is there.
# They call `kubectl`, which supervise.sh leads to this cluster.

# A LoadBalancer Service gets an address of its own in 127.0.0.0/8: no two Services have the same node port.
load_balancers() {
  kubectl get services --all-namespaces --watch --output \
    'jsonpath={.metadata.namespace} {.metadata.name} {.spec.type} {.spec.ports[0].nodePort} {.status.loadBalancer.ingress}{"\n"}' |
    while read -r namespace name type port addresses; do
      if [ "$type" = LoadBalancer ] && [[ $port =~ ^[0-9]+$ ]] && [ -z "$addresses" ]; then
        kubectl patch service "$name" --namespace "$namespace" --subresource=status --type=merge \
          --patch "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"127.0.$((port / 256)).$((port % 256))\"}]}}}"
      fi
    done
}

# Provider 2.0.0 waits for the token Secret that Kubernetes gave each ServiceAccount until 1.24; 4.x does not.
service_account_tokens() {
  kubectl get serviceaccounts --all-namespaces --selector app.kubernetes.io/managed-by=pulumi --watch --output \
    'jsonpath={.metadata.namespace} {.metadata.name} {.secrets}{"\n"}' |
    while read -r namespace name secrets; do
      if [ -z "$secrets" ]; then
        kubectl patch serviceaccount "$name" --namespace "$namespace" --type=merge \
          --patch "{\"secrets\":[{\"name\":\"$name-token\"}]}"
      fi
    done
}
