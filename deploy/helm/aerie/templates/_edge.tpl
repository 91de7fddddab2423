{{/* Files that the edge reads: its volumes and where they are. */}}

{{- define "aerie.edgeMounts" -}}
{{- if include "aerie.edgeTokenSecret" . }}
- {name: edge-token, mountPath: /etc/aerie/edge-token, readOnly: true}
{{- end }}
{{- if .Values.tls.edge.enabled }}
- {name: tls, mountPath: /etc/aerie/tls, readOnly: true}
{{- end }}
{{- if include "aerie.edgeGrpcFiles" . }}
- {name: grpc-tls, mountPath: /etc/aerie/grpc-tls, readOnly: true}
{{- end }}
{{- end }}

{{- /* Without `mutual`, of the broker's Secret only what is public. */}}
{{- define "aerie.edgeGrpcFiles" -}}
{{- $tls := .Values.tls.grpc }}
{{- if and $tls.enabled (or $tls.mutual (not $tls.publicAuthority)) }}
{{- if $tls.mutual }}
- {key: tls.crt, path: tls.crt}
- {key: tls.key, path: tls.key}
{{- end }}
{{- if not $tls.publicAuthority }}
- {key: ca.crt, path: ca.crt}
{{- end }}
{{- end }}
{{- end }}

{{- define "aerie.edgeVolumes" -}}
- name: config
  configMap: {name: {{ include "aerie.fullname" . }}-edge}
{{- with include "aerie.edgeTokenSecret" . }}
- name: edge-token
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items: [{key: {{ include "aerie.edgeTokenKey" $ | quote }}, path: token}]
{{- end }}
{{- with include "aerie.edgeTlsSecret" . }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with include "aerie.edgeGrpcFiles" . | trim }}
- name: grpc-tls
  secret:
    secretName: {{ default (include "aerie.grpcTlsSecret" $) (include "aerie.edgeGrpcTlsSecret" $) }}
    defaultMode: 0440
    items:
      {{- . | nindent 6 }}
{{- end }}
{{- end }}

{{- /* Up at once, down slowly: each pod that goes sends its clients to the
others. */}}
{{- define "aerie.scaling" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - {type: Percent, value: 100, periodSeconds: 30}
    - {type: Pods, value: 2, periodSeconds: 30}
  selectPolicy: Max
scaleDown:
  stabilizationWindowSeconds: {{ .scaleDown.stabilizationSeconds }}
  policies:
    - {type: Pods, value: 1, periodSeconds: {{ .scaleDown.periodSeconds }}}
{{- end }}
