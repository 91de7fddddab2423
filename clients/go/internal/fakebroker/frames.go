package fakebroker

import "aerie.dev/clients/go/gen/aeriepb"

// JSON is a payload.
func JSON(text string) *aeriepb.Payload {
	return &aeriepb.Payload{Kind: &aeriepb.Payload_Json{Json: text}}
}

// Join is a client that joins.
func Join(id uint64, topic, pattern, params string) *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{
		Channel: id,
		Frame: &aeriepb.ChannelFrame_Join_{Join: &aeriepb.ChannelFrame_Join{
			Topic: topic, Pattern: pattern, Payload: JSON(params),
			Socket: Socket(),
		}},
	}
}

// Socket is the socket of every Join.
func Socket() *aeriepb.SocketInfo {
	return &aeriepb.SocketInfo{
		Key: "e-1/7", SocketId: "users:42", Assigns: `{"id":42}`,
	}
}

// In is an event of a client that wants a reply; without ref, one that doesn't.
func In(id uint64, event, payload, ref string) *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{
		Channel: id,
		Frame: &aeriepb.ChannelFrame_HandleIn_{
			HandleIn: &aeriepb.ChannelFrame_HandleIn{
				Event: event, Payload: JSON(payload), Ref: []byte(ref),
			},
		},
	}
}

// Out is a broadcast of an intercepted event.
func Out(id uint64, event, payload string) *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{
		Channel: id,
		Frame: &aeriepb.ChannelFrame_HandleOut_{
			HandleOut: &aeriepb.ChannelFrame_HandleOut{
				Event: event, Payload: JSON(payload),
			},
		},
	}
}

// Info is a message to a channel.
func Info(id uint64, event, payload string) *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{
		Channel: id,
		Frame: &aeriepb.ChannelFrame_HandleInfo_{
			HandleInfo: &aeriepb.ChannelFrame_HandleInfo{
				Event: event, Payload: JSON(payload),
			},
		},
	}
}

// Terminate is the end of a channel, named `end-ID`.
func Terminate(id uint64, reason aeriepb.ExitReason,
	eventID string) *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{
		Channel: id,
		Frame: &aeriepb.ChannelFrame_Terminate_{
			Terminate: &aeriepb.ChannelFrame_Terminate{
				Reason: reason, EventId: eventID,
			},
		},
	}
}

// Redelivered is the end of a channel of another host.
func Redelivered(id uint64, topic, pattern, assigns,
	eventID string) *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{
		Channel: id,
		Frame: &aeriepb.ChannelFrame_Terminate_{
			Terminate: &aeriepb.ChannelFrame_Terminate{
				Reason:  aeriepb.ExitReason_EXIT_REASON_HOST_LOST,
				EventId: eventID, Topic: topic, Pattern: pattern,
				Assigns: assigns, Socket: Socket(), Redelivered: true,
			},
		},
	}
}

// Drained says that no channel is left.
func Drained() *aeriepb.ChannelFrame {
	return &aeriepb.ChannelFrame{Frame: &aeriepb.ChannelFrame_Drained_{
		Drained: &aeriepb.ChannelFrame_Drained{},
	}}
}

// Ok is a join's ok.
func Ok(id uint64, payload, assigns string) *aeriepb.HostFrame {
	reply := &aeriepb.HostFrame_JoinReply{Ok: true, Assigns: assigns}
	if payload != "" {
		reply.Payload = JSON(payload)
	}
	return joinReply(id, reply)
}

// Refused is a join's error.
func Refused(id uint64, payload string) *aeriepb.HostFrame {
	return joinReply(id, &aeriepb.HostFrame_JoinReply{Payload: JSON(payload)})
}

// JoinCrashed is a join that failed.
func JoinCrashed(id uint64) *aeriepb.HostFrame {
	return joinReply(id, &aeriepb.HostFrame_JoinReply{Crashed: true})
}

func joinReply(id uint64,
	reply *aeriepb.HostFrame_JoinReply) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame:   &aeriepb.HostFrame_JoinReply_{JoinReply: reply},
	}
}

// Reply is a reply to an event.
func Reply(id uint64, ref, status, payload string) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_Reply_{Reply: &aeriepb.HostFrame_Reply{
			Ref: []byte(ref), Status: status, Payload: orNone(payload),
		}},
	}
}

func orNone(payload string) *aeriepb.Payload {
	if payload == "" {
		return nil
	}
	return JSON(payload)
}

// Push is a push to a client.
func Push(id uint64, event, payload string) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_Push_{Push: &aeriepb.HostFrame_Push{
			Event: event, Payload: orNone(payload),
		}},
	}
}

// Broadcast is a channel's broadcast to a topic, or to all but its client.
func Broadcast(id uint64, topic, event, payload string,
	exceptSelf bool) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_Broadcast_{
			Broadcast: &aeriepb.HostFrame_Broadcast{
				Topic: topic, Event: event, Payload: orNone(payload),
				ExceptSelf: exceptSelf,
			},
		},
	}
}

// Done is the credit of callbacks.
func Done(id uint64, callbacks uint32) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_Done_{
			Done: &aeriepb.HostFrame_Done{Callbacks: callbacks},
		},
	}
}

// Stop is a stop of a channel, without a reply.
func Stop(id uint64, reason aeriepb.ExitReason) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_Stop_{
			Stop: &aeriepb.HostFrame_Stop{Reason: reason},
		},
	}
}

// Left answers a leave.
func Left(id uint64) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame:   &aeriepb.HostFrame_Left_{Left: &aeriepb.HostFrame_Left{}},
	}
}

// Terminated answers a Terminate.
func Terminated(id uint64, eventID string) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_Terminated_{
			Terminated: &aeriepb.HostFrame_Terminated{EventId: eventID},
		},
	}
}

// SetAssigns is a channel's new assigns.
func SetAssigns(id uint64, assigns string) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: id,
		Frame: &aeriepb.HostFrame_SetAssigns_{
			SetAssigns: &aeriepb.HostFrame_SetAssigns{Assigns: assigns},
		},
	}
}
