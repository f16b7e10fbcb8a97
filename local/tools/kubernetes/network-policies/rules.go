package main

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	table = "mangle"
	// Chains named KUBE-* are taken away with the cluster.
	chain = "KUBE-POLICY"
)

type cluster struct {
	pods       []*core.Pod
	namespaces map[string]labels.Set
	policies   []*networking.NetworkPolicy
}

// One end of connections: a range of addresses, and the pod behind it if it is one.
type end struct {
	cidr string
	pod  *core.Pod
}

// The chains that keep the policies, as iptables-restore reads them; the same for the same cluster.
func rulesOf(all cluster) string {
	slices.SortFunc(all.pods, func(a, b *core.Pod) int { return strings.Compare(string(a.UID), string(b.UID)) })
	slices.SortFunc(all.policies, func(a, b *networking.NetworkPolicy) int { return strings.Compare(string(a.UID), string(b.UID)) })
	var chains, jumps, rules strings.Builder
	fmt.Fprintf(&chains, ":%s - [0:0]\n", chain)
	fmt.Fprintf(&jumps, "-A %s -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN\n", chain)
	for _, pod := range all.pods {
		for _, side := range []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress} {
			of := all.selecting(pod, side)
			if len(of) == 0 {
				continue
			}
			name := chainOf(pod, side)
			mine, theirs := "-d", "-s"
			if side == networking.PolicyTypeEgress {
				mine, theirs = "-s", "-d"
			}
			fmt.Fprintf(&chains, ":%s - [0:0]\n", name)
			fmt.Fprintf(&jumps, "-A %s %s %s -j %s\n", chain, mine, pod.Status.PodIP, name)
			// No policy keeps a pod from itself, which it may reach through a Service.
			fmt.Fprintf(&rules, "-A %s %s %s -j RETURN\n", name, theirs, pod.Status.PodIP)
			for _, policy := range of {
				for _, rule := range all.allowed(policy, side, pod) {
					for _, match := range rule.matches(theirs, side, pod) {
						fmt.Fprintf(&rules, "-A %s%s -j RETURN\n", name, match)
					}
				}
			}
			fmt.Fprintf(&rules, "-A %s -j DROP\n", name)
		}
	}
	return chains.String() + jumps.String() + rules.String()
}

func chainOf(pod *core.Pod, side networking.PolicyType) string {
	hash := fnv.New64a()
	hash.Write([]byte(pod.UID))
	return fmt.Sprintf("%s-%s-%012x", chain, side[:1], hash.Sum64()&0xffffffffffff)
}

func (all cluster) selecting(pod *core.Pod, side networking.PolicyType) []*networking.NetworkPolicy {
	var of []*networking.NetworkPolicy
	for _, policy := range all.policies {
		if policy.Namespace == pod.Namespace && slices.Contains(policy.Spec.PolicyTypes, side) && fits(&policy.Spec.PodSelector, pod.Labels) {
			of = append(of, policy)
		}
	}
	return of
}

// Whom a policy lets through, on which ports; without ends it is anybody, without ports any port.
type allowance struct {
	anybody bool
	ends    []end
	ports   []networking.NetworkPolicyPort
}

func (all cluster) allowed(policy *networking.NetworkPolicy, side networking.PolicyType, pod *core.Pod) []allowance {
	var rules []allowance
	if side == networking.PolicyTypeIngress {
		for _, rule := range policy.Spec.Ingress {
			rules = append(rules, allowance{len(rule.From) == 0, all.ends(rule.From, policy.Namespace), rule.Ports})
		}
		return rules
	}
	for _, rule := range policy.Spec.Egress {
		rules = append(rules, allowance{len(rule.To) == 0, all.ends(rule.To, policy.Namespace), rule.Ports})
	}
	return rules
}

func (all cluster) ends(peers []networking.NetworkPolicyPeer, own string) []end {
	var ends []end
	for _, peer := range peers {
		if peer.IPBlock != nil {
			for _, cidr := range without(peer.IPBlock.CIDR, peer.IPBlock.Except) {
				ends = append(ends, end{cidr: cidr})
			}
			continue
		}
		for _, pod := range all.pods {
			inside := pod.Namespace == own
			if peer.NamespaceSelector != nil {
				inside = fits(peer.NamespaceSelector, all.namespaces[pod.Namespace])
			}
			if inside && (peer.PodSelector == nil || fits(peer.PodSelector, pod.Labels)) {
				ends = append(ends, end{pod.Status.PodIP + "/32", pod})
			}
		}
	}
	return ends
}

// The conditions of one allowance in the words of iptables, each of which is enough.
func (rule allowance) matches(theirs string, side networking.PolicyType, pod *core.Pod) []string {
	ends := rule.ends
	if rule.anybody {
		ends = []end{{}}
	}
	var matches []string
	for _, other := range ends {
		from := ""
		if other.cidr != "" {
			from = fmt.Sprintf(" %s %s", theirs, other.cidr)
		}
		server := pod
		if side == networking.PolicyTypeEgress {
			server = other.pod
		}
		if len(rule.ports) == 0 {
			matches = append(matches, from)
		}
		for _, port := range rule.ports {
			if to, exists := words(port, server); exists {
				matches = append(matches, from+to)
			}
		}
	}
	return matches
}

// A port of a policy; one with a name is looked up in the server's containers, and is no port where they have none of it.
func words(port networking.NetworkPolicyPort, server *core.Pod) (string, bool) {
	protocol := core.ProtocolTCP
	if port.Protocol != nil {
		protocol = *port.Protocol
	}
	text := " -p " + strings.ToLower(string(protocol))
	if port.Port == nil {
		return text, true
	}
	if port.Port.Type == intstr.Int {
		text += fmt.Sprintf(" --dport %d", port.Port.IntVal)
		if port.EndPort != nil {
			text += fmt.Sprintf(":%d", *port.EndPort)
		}
		return text, true
	}
	if server == nil {
		return "", false
	}
	for _, container := range slices.Concat(server.Spec.Containers, server.Spec.InitContainers) {
		for _, named := range container.Ports {
			if named.Name == port.Port.StrVal && named.Protocol == protocol {
				return text + fmt.Sprintf(" --dport %d", named.ContainerPort), true
			}
		}
	}
	return "", false
}

func fits(selector *meta.LabelSelector, set labels.Set) bool {
	matcher, err := meta.LabelSelectorAsSelector(selector)
	return err == nil && matcher.Matches(set)
}

// The ranges that are left of one when others are taken out of it; of IPv4 alone, as the cluster is.
func without(cidr string, except []string) []string {
	whole, err := netip.ParsePrefix(cidr)
	if err != nil || !whole.Addr().Is4() {
		return nil
	}
	var out []netip.Prefix
	for _, text := range except {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			out = append(out, prefix.Masked())
		}
	}
	return left(whole.Masked(), out)
}

func left(whole netip.Prefix, out []netip.Prefix) []string {
	touched := false
	for _, prefix := range out {
		if prefix.Bits() <= whole.Bits() && prefix.Contains(whole.Addr()) {
			return nil
		}
		touched = touched || whole.Overlaps(prefix)
	}
	if !touched {
		return []string{whole.String()}
	}
	low := netip.PrefixFrom(whole.Addr(), whole.Bits()+1)
	upper := whole.Addr().As4()
	upper[whole.Bits()/8] |= 0x80 >> (whole.Bits() % 8)
	return append(left(low, out), left(netip.PrefixFrom(netip.AddrFrom4(upper), low.Bits()), out)...)
}
