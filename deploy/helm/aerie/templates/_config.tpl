{{/* The two configuration files: what `config` says, and what the chart knows.
Files of Secrets are below /etc/aerie, see _pod.tpl. */}}

{{- define "aerie.edgeConfig" -}}
{{- $broker := dict "address" (printf "dns:///%s:%v" (include "aerie.brokerHost" .) .Values.broker.ports.grpc) -}}
{{- if include "aerie.edgeTokenSecret" . -}}
{{- $_ := set $broker "token_file" "/etc/aerie/edge-token/token" -}}
{{- end -}}
{{- $grpc := .Values.tls.grpc -}}
{{- if $grpc.enabled -}}
{{- $tls := dict "enabled" true "server_name" (include "aerie.brokerTlsName" .) -}}
{{- if not $grpc.publicAuthority -}}
{{- $_ := set $tls "ca_file" "/etc/aerie/grpc-tls/ca.crt" -}}
{{- end -}}
{{- if $grpc.mutual -}}
{{- $_ := set $tls "certificate_file" "/etc/aerie/grpc-tls/tls.crt" -}}
{{- $_ := set $tls "key_file" "/etc/aerie/grpc-tls/tls.key" -}}
{{- end -}}
{{- $_ := set $broker "tls" $tls -}}
{{- end -}}
{{- $own := dict
  "listen" (printf "%s:%v" .Values.listenHost .Values.edge.ports.client)
  "admin" (dict "listen" (printf "%s:%v" .Values.listenHost .Values.edge.ports.admin))
  "drain" (dict "window" (printf "%vs" .Values.edge.drain.windowSeconds))
  "broker" $broker -}}
{{- if .Values.tls.edge.enabled -}}
{{- $_ := set $own "tls" (dict "certificate" "/etc/aerie/tls/tls.crt" "key" "/etc/aerie/tls/tls.key") -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite (deepCopy .Values.edge.config) $own) -}}
{{- end }}

{{- define "aerie.brokerConfig" -}}
{{- $tokens := list -}}
{{- if include "aerie.edgeTokenSecret" . -}}
{{- $tokens = append $tokens (dict "name" "edges" "token_file" "/etc/aerie/credentials/edges" "scopes" (list "edge")) -}}
{{- end -}}
{{- range .Values.credentials.tokens -}}
{{- $tokens = append $tokens (dict "name" .name "token_file" (printf "/etc/aerie/credentials/%s" .name) "scopes" .scopes) -}}
{{- end -}}
{{- $certificates := .Values.credentials.certificates -}}
{{- with include "aerie.edgeTlsName" . -}}
{{- $certificates = append $certificates (dict "name" . "scopes" (list "edge")) -}}
{{- end -}}
{{- $own := dict
  "listen" (printf "%s:%v" .Values.listenHost .Values.broker.ports.grpc)
  "admin" (dict "listen" (printf "%s:%v" .Values.listenHost .Values.broker.ports.admin))
  "drain" (dict "window" (printf "%vs" .Values.broker.drain.windowSeconds)) -}}
{{- if or $tokens $certificates -}}
{{- $services := dict -}}
{{- if $tokens -}}{{- $_ := set $services "tokens" $tokens -}}{{- end -}}
{{- if $certificates -}}{{- $_ := set $services "certificates" $certificates -}}{{- end -}}
{{- $_ := set $own "services" $services -}}
{{- else -}}
{{- $_ := set $own "insecure" true -}}
{{- end -}}
{{- if .Values.tls.grpc.enabled -}}
{{- $tls := dict "certificate_file" "/etc/aerie/grpc-tls/tls.crt" "key_file" "/etc/aerie/grpc-tls/tls.key" -}}
{{- if .Values.tls.grpc.mutual -}}
{{- $_ := set $tls "client_ca_file" "/etc/aerie/grpc-tls/ca.crt" -}}
{{- end -}}
{{- $_ := set $own "tls" $tls -}}
{{- end -}}
{{- if include "aerie.resumeSecret" . -}}
{{- $_ := set $own "resume" (dict "key_file" "/etc/aerie/resume/keys") -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite (deepCopy .Values.broker.config) $own) -}}
{{- end }}
