{{/* Combinations that cannot work, each with a sentence. What one value may be
is in values.schema.json. */}}

{{- define "aerie.checks" -}}
{{- include "aerie.checkReplicas" . -}}
{{- include "aerie.checkPorts" . -}}
{{- include "aerie.checkDrain" (list "edge" .Values.edge.drain) -}}
{{- include "aerie.checkDrain" (list "broker" .Values.broker.drain) -}}
{{- include "aerie.checkPdb" (list "edge" .Values.edge.pdb) -}}
{{- include "aerie.checkPdb" (list "broker" .Values.broker.pdb) -}}
{{- include "aerie.checkCredentials" . -}}
{{- include "aerie.checkTls" . -}}
{{- include "aerie.checkConfig" . -}}
{{- include "aerie.checkRoads" . -}}
{{- end }}

{{- define "aerie.checkReplicas" -}}
{{- if gt (int .Values.broker.replicas) 1 -}}
{{- fail (printf "broker.replicas is %v: more than one broker needs NATS between them, which this version does not have" .Values.broker.replicas) -}}
{{- end -}}
{{- $scaling := .Values.edge.autoscaling -}}
{{- if and $scaling.hpa $scaling.keda.enabled -}}
{{- fail "edge.autoscaling: hpa and keda.enabled are both true: two autoscalers would pull at one Deployment" -}}
{{- end -}}
{{- if and (or $scaling.hpa $scaling.keda.enabled) (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- fail (printf "edge.autoscaling: minReplicas %v is more than maxReplicas %v" $scaling.minReplicas $scaling.maxReplicas) -}}
{{- end -}}
{{- if and $scaling.keda.enabled (not $scaling.keda.serverAddress) -}}
{{- fail "edge.autoscaling.keda needs serverAddress, where Prometheus is" -}}
{{- end -}}
{{- end }}

{{- define "aerie.checkPorts" -}}
{{- range $component := list "edge" "broker" -}}
{{- $ports := (index $.Values $component).ports -}}
{{- $own := default $ports.client $ports.grpc -}}
{{- if eq (int $own) (int $ports.admin) -}}
{{- fail (printf "%s.ports are both %v: the admin port has one of its own, which is kept from strangers" $component $ports.admin) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "aerie.checkDrain" -}}
{{- $drain := index . 1 -}}
{{- $least := add (int $drain.preStopSeconds) (int $drain.windowSeconds) 15 -}}
{{- $grace := int (include "aerie.graceSeconds" $drain) -}}
{{- if le $grace (int $least) -}}
{{- fail (printf "%s.drain: graceSeconds %d is too short: it must be more than preStopSeconds %v + windowSeconds %v + 15" (index . 0) $grace $drain.preStopSeconds $drain.windowSeconds) -}}
{{- end -}}
{{- end }}

{{- define "aerie.checkPdb" -}}
{{- $pdb := index . 1 -}}
{{- if $pdb.enabled -}}
{{- $min := ne (toString $pdb.minAvailable) "" -}}
{{- $max := ne (toString $pdb.maxUnavailable) "" -}}
{{- if and $min $max -}}
{{- fail (printf "%s.pdb has both minAvailable %v and maxUnavailable %v: set one of them to \"\"" (index . 0) $pdb.minAvailable $pdb.maxUnavailable) -}}
{{- end -}}
{{- if not (or $min $max) -}}
{{- fail (printf "%s.pdb has neither minAvailable nor maxUnavailable" (index . 0)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "aerie.checkCredentials" -}}
{{- $credentials := .Values.credentials -}}
{{- $edges := or (include "aerie.edgeTokenSecret" .) (include "aerie.edgeTlsName" .) -}}
{{- $others := or $credentials.tokens $credentials.certificates -}}
{{- if and $others (not $edges) -}}
{{- fail "credentials: services have some, and edges have none, so the broker would refuse them: set edgeToken, or tls.grpc.mutual with a name of the edges' certificate" -}}
{{- end -}}
{{- if not (or $edges $others $credentials.insecure) -}}
{{- fail "credentials: the broker's gRPC port is open to the cluster, and without credentials whoever reaches it has every power: set edgeToken, or insecure: true where the network keeps strangers out" -}}
{{- end -}}
{{- if and $credentials.certificates (not .Values.tls.grpc.mutual) -}}
{{- fail "credentials.certificates needs tls.grpc.mutual: without it callers show no certificate" -}}
{{- end -}}
{{- $names := list "edges" -}}
{{- range $credentials.tokens -}}
{{- if has .name $names -}}
{{- fail (printf "credentials.tokens: there are two with the name %q" .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end }}

{{- define "aerie.checkTls" -}}
{{- $edge := .Values.tls.edge -}}
{{- include "aerie.checkCertificate" (list "tls.edge" $edge) -}}
{{- if and $edge.enabled $edge.certificate.create (not $edge.certificate.dnsNames) -}}
{{- fail "tls.edge.certificate needs dnsNames, which clients connect to" -}}
{{- end -}}
{{- $grpc := .Values.tls.grpc -}}
{{- include "aerie.checkCertificate" (list "tls.grpc" $grpc) -}}
{{- if and $grpc.mutual (not $grpc.enabled) -}}
{{- fail "tls.grpc.mutual needs tls.grpc.enabled" -}}
{{- end -}}
{{- if and $grpc.mutual $grpc.existingSecret (not $grpc.edgeExistingSecret) -}}
{{- fail "tls.grpc.mutual needs edgeExistingSecret, the certificate that edges show, beside existingSecret" -}}
{{- end -}}
{{- if and $grpc.edgeExistingSecret (not $grpc.mutual) -}}
{{- fail "tls.grpc.edgeExistingSecret needs tls.grpc.mutual: nobody would ask for that certificate" -}}
{{- end -}}
{{- if and $grpc.edgeExistingSecret $grpc.certificate.create -}}
{{- fail "tls.grpc: certificate.create and edgeExistingSecret: cert-manager makes both certificates, or none" -}}
{{- end -}}
{{- end }}

{{- define "aerie.checkCertificate" -}}
{{- $what := index . 0 -}}
{{- $tls := index . 1 -}}
{{- if $tls.enabled -}}
{{- if not (or $tls.existingSecret $tls.certificate.create) -}}
{{- fail (printf "%s needs existingSecret, or certificate.create" $what) -}}
{{- end -}}
{{- if and $tls.existingSecret $tls.certificate.create -}}
{{- fail (printf "%s has both existingSecret and certificate.create" $what) -}}
{{- end -}}
{{- if and $tls.certificate.create (not $tls.certificate.issuerRef) -}}
{{- fail (printf "%s.certificate needs issuerRef" $what) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* (component, key, set with): keys of `config` that the chart sets. */}}
{{- define "aerie.checkConfig" -}}
{{- $edge := .Values.edge.config -}}
{{- $with := dict "listen" "listenHost and edge.ports.client" "tls" "tls.edge" "broker" "credentials and tls.grpc" "admin" "edge.ports.admin" "drain" "edge.drain" -}}
{{- range $key, $value := $edge -}}
{{- with get $with $key -}}
{{- fail (printf "edge.config.%s is set by the chart: use %s" $key .) -}}
{{- end -}}
{{- end -}}
{{- $broker := .Values.broker.config -}}
{{- $with = dict "listen" "listenHost and broker.ports.grpc" "insecure" "credentials.insecure" "services" "credentials" "tls" "tls.grpc" "admin" "broker.ports.admin" "drain" "broker.drain" -}}
{{- range $key, $value := $broker -}}
{{- with get $with $key -}}
{{- fail (printf "broker.config.%s is set by the chart: use %s" $key .) -}}
{{- end -}}
{{- end -}}
{{- if hasKey (default (dict) $broker.resume) "key_file" -}}
{{- fail "broker.config.resume.key_file is set by the chart: use broker.resumeKey" -}}
{{- end -}}
{{- include "aerie.checkConnect" (list . "broker.config.connect" (default (dict) $broker.connect)) -}}
{{- end }}

{{/* (root, what, connect or one of its mounts) */}}
{{- define "aerie.checkConnect" -}}
{{- $root := index . 0 -}}
{{- $what := index . 1 -}}
{{- $connect := index . 2 -}}
{{- range $connect.tokens -}}
{{- if .token -}}
{{- fail (printf "%s.tokens: a token would stand in a ConfigMap: put it into the Secret broker.keys.existingSecret and name it with token_file: /etc/aerie/keys/NAME" $what) -}}
{{- end -}}
{{- end -}}
{{- if and (contains "/etc/aerie/keys/" (toJson $connect)) (not $root.Values.broker.keys.existingSecret) -}}
{{- fail (printf "%s names a file in /etc/aerie/keys, which needs broker.keys.existingSecret" $what) -}}
{{- end -}}
{{- range $index, $mount := $connect.mounts -}}
{{- include "aerie.checkConnect" (list $root (printf "%s.mounts[%d]" $what $index) $mount) -}}
{{- end -}}
{{- end }}

{{/* From outside to the edges, and from Prometheus. */}}
{{- define "aerie.checkRoads" -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute needs parentRefs, the gateway that it belongs to" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress needs hosts" -}}
{{- end -}}
{{- $monitoring := .Values.monitoring -}}
{{- if and $monitoring.serviceMonitor.enabled $monitoring.podMonitor.enabled -}}
{{- fail "monitoring: serviceMonitor and podMonitor are both enabled: everything would be scraped twice" -}}
{{- end -}}
{{- $service := .Values.edge.service -}}
{{- if and $service.nodePort (eq $service.type "ClusterIP") -}}
{{- fail "edge.service.nodePort needs type NodePort or LoadBalancer" -}}
{{- end -}}
{{- if and (or $service.loadBalancerClass $service.loadBalancerSourceRanges) (ne $service.type "LoadBalancer") -}}
{{- fail "edge.service.loadBalancerClass and loadBalancerSourceRanges need type LoadBalancer" -}}
{{- end -}}
{{- end }}
