// Makes the node's firewall keep the NetworkPolicies of the cluster: each change of a pod, a namespace or a policy is written
// as one transaction of iptables. A connection that no policy lets through is dropped, as on the clouds, so that a client whose
// address is not known yet gets through when it tries again. Ready-made ones ask for more than iptables: kube-network-policies
// for nft_queue of the kernel, kube-router for ipset.
package main

import (
	"flag"
	"fmt"
	"log"
	"os/exec"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file that tells the API server and who this is")
	node := flag.String("node", "", "name of the node whose pods are guarded")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), 0)
	pods := factory.Core().V1().Pods()
	namespaces := factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()
	changed := make(chan struct{}, 1)
	note := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { note() },
			UpdateFunc: func(any, any) { note() },
			DeleteFunc: func(any) { note() },
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	factory.Start(nil)
	factory.WaitForCacheSync(nil)

	written := ""
	for ; ; <-changed {
		rules := rulesOf(state(*node, pods.Lister().List, namespaces.Lister().List, policies.Lister().List))
		if rules == written {
			continue
		}
		if err := write(rules); err != nil {
			// Whoever runs this starts it again, with nothing remembered.
			log.Fatal(err)
		}
		written = rules
		// Changes come in swarms: they are written together.
		time.Sleep(50 * time.Millisecond)
	}
}

type list[T any] func(labels.Selector) ([]T, error)

// What the cluster looks like now; the lists come out of memory and do not fail.
func state(node string, pods list[*core.Pod], namespaces list[*core.Namespace], policies list[*networking.NetworkPolicy]) cluster {
	found := cluster{namespaces: map[string]labels.Set{}}
	all, _ := namespaces(labels.Everything())
	for _, namespace := range all {
		found.namespaces[namespace.Name] = namespace.Labels
	}
	found.policies, _ = policies(labels.Everything())
	running, _ := pods(labels.Everything())
	for _, pod := range running {
		ended := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
		if pod.Spec.NodeName == node && pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !ended {
			found.pods = append(found.pods, pod)
		}
	}
	return found
}

// Writes the chains, removes those of pods that are gone, and sees to it that forwarded packets and those to the node itself
// pass them. In the table mangle nobody else accepts a packet before, and a Service's address is the pod's already.
func write(rules string) error {
	saved, err := exec.Command("iptables-save", "-t", table).Output()
	if err != nil {
		return err
	}
	text := "*" + table + "\n" + rules
	for _, line := range strings.Split(string(saved), "\n") {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, ":"), " ")
		if strings.HasPrefix(line, ":"+chain) && !strings.Contains(rules, ":"+name+" ") {
			text += ":" + name + " - [0:0]\n-X " + name + "\n"
		}
	}
	for _, hook := range []string{"FORWARD", "INPUT"} {
		if jump := "-A " + hook + " -j " + chain + "\n"; !strings.Contains(string(saved), jump) {
			text += jump
		}
	}
	restore := exec.Command("iptables-restore", "--wait", "5", "--noflush")
	restore.Stdin = strings.NewReader(text + "COMMIT\n")
	if said, err := restore.CombinedOutput(); err != nil {
		return fmt.Errorf("iptables-restore: %w: %s\n%s", err, said, text)
	}
	return nil
}
