package main

import (
	"reflect"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

func pod(namespace, app, address string) *core.Pod {
	return &core.Pod{
		ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: app, UID: types.UID(app), Labels: map[string]string{"app": app}},
		Spec:       core.PodSpec{Containers: []core.Container{{Ports: []core.ContainerPort{{Name: "http", ContainerPort: 8000, Protocol: core.ProtocolTCP}}}}},
		Status:     core.PodStatus{PodIP: address},
	}
}

// What is let through to or from the pod `server` of namespace `a`, beside a pod `friend` there and a pod `other` of namespace `b`.
func let(t *testing.T, side networking.PolicyType, spec string) []string {
	t.Helper()
	policy := &networking.NetworkPolicy{ObjectMeta: meta.ObjectMeta{Namespace: "a", UID: "policy"}}
	if err := yaml.UnmarshalStrict([]byte(spec), &policy.Spec); err != nil {
		t.Fatal(err)
	}
	server := pod("a", "server", "10.0.0.1")
	rules := rulesOf(cluster{
		pods:       []*core.Pod{server, pod("a", "friend", "10.0.0.2"), pod("b", "other", "10.0.0.3")},
		namespaces: map[string]labels.Set{"a": {"name": "a"}, "b": {"name": "b"}},
		policies:   []*networking.NetworkPolicy{policy},
	})
	prefix := "-A " + chainOf(server, side) + " "
	var found []string
	for _, line := range strings.Split(rules, "\n") {
		if rule, mine := strings.CutPrefix(line, prefix); mine {
			found = append(found, rule)
		}
	}
	if len(found) == 0 {
		return nil
	}
	if !strings.HasSuffix(found[0], " 10.0.0.1 -j RETURN") || found[len(found)-1] != "-j DROP" {
		t.Fatalf("not between itself and nobody: %q", found)
	}
	return found[1 : len(found)-1]
}

func TestRules(t *testing.T) {
	for _, test := range []struct {
		claim, spec string
		side        networking.PolicyType
		let         []string
	}{
		{"a pod that no policy selects is open", `{podSelector: {matchLabels: {app: nobody}}, policyTypes: [Ingress]}`, "Ingress", nil},
		{"a policy of the other direction closes nothing", `{podSelector: {}, policyTypes: [Egress]}`, "Ingress", nil},
		{"a policy without rules closes", `{podSelector: {}, policyTypes: [Ingress]}`, "Ingress", []string{}},
		{"a rule without peers and ports lets everything through", `{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}`, "Ingress", []string{"-j RETURN"}},
		{"an empty selector means the pods of the same namespace", `{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [server]}]}}]}]}`, "Ingress", []string{"-s 10.0.0.2/32 -j RETURN"}},
		{"a namespace's selector alone means all of its pods", `{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {name: b}}}]}]}`, "Ingress", []string{"-s 10.0.0.3/32 -j RETURN"}},
		{"both selectors of a peer must fit", `{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {name: b}}, podSelector: {matchLabels: {app: friend}}}]}]}`, "Ingress", []string{}},
		{"each port is let through for each peer", `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: friend}}}], ports: [{port: 80}, {protocol: UDP, port: 5, endPort: 7}]}]}`, "Egress", []string{"-d 10.0.0.2/32 -p tcp --dport 80 -j RETURN", "-d 10.0.0.2/32 -p udp --dport 5:7 -j RETURN"}},
		{"a named port is that of the server", `{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: http}, {port: none}]}]}`, "Ingress", []string{"-p tcp --dport 8000 -j RETURN"}},
		{"a range is without what is taken out of it, and of IPv4", `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.64/26]}}, {ipBlock: {cidr: "2001:db8::/32"}}]}]}`, "Egress", []string{"-d 192.0.2.0/26 -j RETURN", "-d 192.0.2.128/25 -j RETURN"}},
	} {
		t.Run(test.claim, func(t *testing.T) {
			if got := let(t, test.side, test.spec); !reflect.DeepEqual(got, test.let) {
				t.Errorf("got %q, not %q", got, test.let)
			}
		})
	}
}
