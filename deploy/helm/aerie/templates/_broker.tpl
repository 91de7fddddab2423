{{/* Files that the broker reads: its volumes and where they are. */}}

{{- define "aerie.brokerMounts" -}}
{{- if include "aerie.credentialSources" . }}
- {name: credentials, mountPath: /etc/aerie/credentials, readOnly: true}
{{- end }}
{{- if .Values.tls.grpc.enabled }}
- {name: grpc-tls, mountPath: /etc/aerie/grpc-tls, readOnly: true}
{{- end }}
{{- if include "aerie.resumeSecret" . }}
- {name: resume, mountPath: /etc/aerie/resume, readOnly: true}
{{- end }}
{{- if .Values.broker.keys.existingSecret }}
- {name: keys, mountPath: /etc/aerie/keys, readOnly: true}
{{- end }}
{{- end }}

{{- /* One file for each token, named as the configuration has it. */}}
{{- define "aerie.credentialSources" -}}
{{- with include "aerie.edgeTokenSecret" . }}
- secret:
    name: {{ . }}
    items: [{key: {{ include "aerie.edgeTokenKey" $ | quote }}, path: edges}]
{{- end }}
{{- range .Values.credentials.tokens }}
- secret:
    name: {{ .existingSecret }}
    items: [{key: {{ default "token" .key | quote }}, path: {{ .name | quote }}}]
{{- end }}
{{- end }}

{{- define "aerie.brokerVolumes" -}}
- name: config
  configMap: {name: {{ include "aerie.fullname" . }}-broker}
{{- with include "aerie.credentialSources" . | trim }}
- name: credentials
  projected:
    defaultMode: 0440
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- with include "aerie.grpcTlsSecret" . }}
- name: grpc-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with include "aerie.resumeSecret" . }}
- name: resume
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items: [{key: {{ include "aerie.resumeKeyName" $ | quote }}, path: keys}]
{{- end }}
{{- with .Values.broker.keys.existingSecret }}
- name: keys
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end }}
