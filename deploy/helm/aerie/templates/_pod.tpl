{{/* What the pods of edges and brokers have in common. */}}

{{/* drain: preStop, window and the seconds that it takes to end besides. */}}
{{- define "aerie.graceSeconds" -}}
{{- if .graceSeconds -}}
{{- int .graceSeconds -}}
{{- else -}}
{{- add (int .preStopSeconds) (int .windowSeconds) 20 -}}
{{- end -}}
{{- end }}

{{/* (values of the component, path): one probe of the admin port. */}}
{{- define "aerie.probe" -}}
httpGet: {path: {{ index . 1 }}, port: admin}
{{- range $key, $value := index . 0 }}
{{ $key }}: {{ $value }}
{{- end }}
{{- end }}

{{/* (values, defaults): those of the user win. */}}
{{- define "aerie.merged" -}}
{{- toYaml (mustMergeOverwrite (fromYaml (index . 1)) (deepCopy (index . 0))) -}}
{{- end }}

{{/* (root, component): what stands in the pod before its containers. */}}
{{- define "aerie.podHead" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := index $root.Values $component -}}
serviceAccountName: {{ include "aerie.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "aerie.graceSeconds" $values.drain }}
securityContext:
  {{- include "aerie.merged" (list $values.podSecurityContext (include "aerie.podSecurity" .)) | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  {{- $own := dict "labelSelector" (dict "matchLabels" (fromYaml (include "aerie.selector" (list $root $component)))) }}
  - {{ toYaml (merge (deepCopy .) $own) | indent 4 | trim }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "aerie.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "aerie.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* (root, component, lines of volume mounts): the container, but for its
ports. */}}
{{- define "aerie.container" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := index $root.Values $component -}}
name: {{ $component }}
image: {{ include "aerie.image" (list $root $component) | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args:
  - --config=/etc/aerie/config/{{ $component }}.yaml
  {{- range $values.extraArgs }}
  - {{ . | quote }}
  {{- end }}
{{- with $values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
startupProbe:
  {{- include "aerie.probe" (list $values.probes.startup "/livez") | nindent 2 }}
livenessProbe:
  {{- include "aerie.probe" (list $values.probes.liveness "/livez") | nindent 2 }}
readinessProbe:
  {{- include "aerie.probe" (list $values.probes.readiness "/readyz") | nindent 2 }}
{{- /* The images have no shell to sleep in; older clusters go without. */}}
{{- if and $values.drain.preStopSeconds (semverCompare ">=1.30.0-0" $root.Capabilities.KubeVersion.Version) }}
lifecycle:
  preStop:
    sleep: {seconds: {{ int $values.drain.preStopSeconds }}}
{{- end }}
resources:
  {{- toYaml $values.resources | nindent 2 }}
securityContext:
  {{- include "aerie.merged" (list $values.securityContext (include "aerie.containerSecurity" .)) | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/aerie/config, readOnly: true}
  {{- with trim (index . 2) }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Annotations and labels of the pod: (root, component, its config) */}}
{{- define "aerie.podMetadata" -}}
{{- $root := index . 0 -}}
{{- $values := index $root.Values (index . 1) -}}
{{- $annotations := dict "checksum/config" (index . 2 | sha256sum) "kubectl.kubernetes.io/default-container" (index . 1) -}}
annotations:
  {{- toYaml (merge $annotations $values.podAnnotations $root.Values.commonAnnotations) | nindent 2 }}
{{- /* No version: an upgrade that changes nothing must not replace pods. */}}
labels:
  {{- $own := fromYaml (include "aerie.selector" (list $root (index . 1))) }}
  {{- $own = set $own "app.kubernetes.io/part-of" "aerie" }}
  {{- toYaml (merge $own $values.podLabels $root.Values.commonLabels) | nindent 2 }}
{{- end }}
