{{/* Names and labels. Components are `edge`, `broker` and `test`. */}}

{{- define "aerie.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 46 | trimSuffix "-" }}
{{- end }}

{{/* Room for the longest suffix, -broker-headless, in 63 characters. */}}
{{- define "aerie.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 46 | trimSuffix "-" }}
{{- else }}
{{- $name := include "aerie.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 46 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 46 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* (root, component) */}}
{{- define "aerie.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "aerie.name" $root | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
{{- with index . 1 }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* (root, component); the component may be empty. */}}
{{- define "aerie.labels" -}}
{{- $root := index . 0 -}}
{{- toYaml (merge (fromYaml (include "aerie.standardLabels" .)) $root.Values.commonLabels) -}}
{{- end }}

{{- define "aerie.standardLabels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "aerie.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: aerie
{{- end }}

{{/* (root, component, suffix of the name, labels, annotations): the lines of
metadata. What stands nearer to the object wins. */}}
{{- define "aerie.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "aerie.fullname" $root }}{{ index . 2 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- toYaml (merge (dict) (index . 3) (fromYaml (include "aerie.labels" (list $root (index . 1))))) | nindent 2 }}
{{- with merge (dict) (index . 4) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* (root, component) */}}
{{- define "aerie.image" -}}
{{- $root := index . 0 -}}
{{- $image := (index $root.Values (index . 1)).image -}}
{{- $repository := $image.repository -}}
{{- with $root.Values.image.registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (coalesce $image.tag $root.Values.image.tag $root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* (root, component) */}}
{{- define "aerie.serviceAccount" -}}
{{- $root := index . 0 -}}
{{- $account := (index $root.Values (index . 1)).serviceAccount -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if $account.create -}}
{{- printf "%s-%s" (include "aerie.fullname" $root) (index . 1) -}}
{{- else -}}
default
{{- end -}}
{{- end }}

{{- define "aerie.brokerService" -}}
{{ include "aerie.fullname" . }}-broker-headless
{{- end }}

{{/* With the dot at the end, so that no search domain is tried. */}}
{{- define "aerie.brokerHost" -}}
{{ include "aerie.brokerService" . }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}.
{{- end }}

{{- define "aerie.brokerTlsName" -}}
{{- default (printf "%s.%s.svc" (include "aerie.brokerService" .) .Release.Namespace) .Values.tls.grpc.serverName -}}
{{- end }}

{{/* A name in the edges' certificate; empty: they show none. */}}
{{- define "aerie.edgeTlsName" -}}
{{- $tls := .Values.tls.grpc -}}
{{- if and $tls.enabled $tls.mutual -}}
{{- if $tls.edgeExistingSecret -}}
{{- $tls.edgeName -}}
{{- else -}}
{{- printf "%s-edge.%s.svc" (include "aerie.fullname" .) .Release.Namespace -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Names of Secrets, whoever makes them; empty: there is none. */}}
{{- define "aerie.edgeTokenSecret" -}}
{{- $token := .Values.credentials.edgeToken -}}
{{- if $token.existingSecret -}}
{{- $token.existingSecret -}}
{{- else if $token.create -}}
{{- include "aerie.fullname" . -}}-edge-token
{{- end -}}
{{- end }}

{{- define "aerie.edgeTokenKey" -}}
{{- $token := .Values.credentials.edgeToken -}}
{{- ternary $token.key "token" (ne $token.existingSecret "") -}}
{{- end }}

{{- define "aerie.resumeSecret" -}}
{{- $key := .Values.broker.resumeKey -}}
{{- if $key.existingSecret -}}
{{- $key.existingSecret -}}
{{- else if $key.create -}}
{{- include "aerie.fullname" . -}}-resume-key
{{- end -}}
{{- end }}

{{- define "aerie.resumeKeyName" -}}
{{- $key := .Values.broker.resumeKey -}}
{{- ternary $key.key "keys" (ne $key.existingSecret "") -}}
{{- end }}

{{- define "aerie.edgeTlsSecret" -}}
{{- $tls := .Values.tls.edge -}}
{{- if $tls.enabled -}}
{{- default (printf "%s-edge-tls" (include "aerie.fullname" .)) $tls.existingSecret -}}
{{- end -}}
{{- end }}

{{- define "aerie.grpcTlsSecret" -}}
{{- $tls := .Values.tls.grpc -}}
{{- if $tls.enabled -}}
{{- default (printf "%s-broker-grpc-tls" (include "aerie.fullname" .)) $tls.existingSecret -}}
{{- end -}}
{{- end }}

{{- define "aerie.edgeGrpcTlsSecret" -}}
{{- $tls := .Values.tls.grpc -}}
{{- if and $tls.enabled $tls.mutual -}}
{{- default (printf "%s-edge-grpc-tls" (include "aerie.fullname" .)) $tls.edgeExistingSecret -}}
{{- end -}}
{{- end }}

{{- define "aerie.clientPort" -}}
{{- .Values.edge.service.port | default (ternary 443 80 .Values.tls.edge.enabled) -}}
{{- end }}
