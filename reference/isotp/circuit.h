/* One end of an ISO transport connection over a stream of octets such as TCP: a state
 * machine without input, output, clock or allocation. Class 2 without explicit flow
 * control (RFC 2126), and class 0 (RFC 1006) as far as peers exist that know nothing
 * else.
 *
 * Octets of the stream go in by circuit_feed and come out as events; what is to be
 * written to the stream is asked for by circuit_output. Closing has two phases, so that
 * both ends can say farewell and no data are lost:
 *
 *     one end                              the other end
 *     circuit_disconnect(A)  --- DR(A) -->  event DISCONNECTED with A, after all data
 *     still gets data        <-- DT ------  may still send
 *     event DISCONNECTED, B  <-- DR(B) ---  circuit_disconnect(B)
 *     or event RELEASED      <-- DC ------  circuit_disconnect(nothing), or its timer
 */
#ifndef ISOTP_CIRCUIT_H
#define ISOTP_CIRCUIT_H

#include "intake.h"
#include "negotiation.h"
#include "outbox.h"

enum circuit_state {
    CIRCUIT_IDLE = 0,  /* circuit_call makes it a caller, a CR that arrives a callee */
    CIRCUIT_CALLING,   /* CR is sent */
    CIRCUIT_CALLED,    /* CR has come: circuit_accept or circuit_disconnect */
    CIRCUIT_OPEN,      /* data in both directions */
    CIRCUIT_PEER_LEFT, /* DR has come: may send, owes circuit_disconnect */
    CIRCUIT_LEAVING,   /* DR is sent: may receive, waits for the answer */
    CIRCUIT_CLOSED,    /* what comes in is noise; output may still be due */
};

enum circuit_event_type {
    CIRCUIT_NOTHING = 0,
    CIRCUIT_CALL,         /* a CR: `calling`, `called`, `data` */
    CIRCUIT_CONNECTED,    /* a CC: `data` */
    CIRCUIT_REFUSED,      /* a DR instead of a CC: `reason`, `data` */
    CIRCUIT_DATA,         /* a part of a TSDU: `data`, `complete` */
    CIRCUIT_DISCONNECTED, /* the peer's DR: `reason`, `data`, `complete` */
    CIRCUIT_RELEASED,     /* our DR is confirmed, without data: `complete` */
    CIRCUIT_FAILED,       /* the circuit broke: `fault` */
};

enum circuit_fault {
    CIRCUIT_FAULT_NONE = 0,
    CIRCUIT_FAULT_PACKET,      /* the stream is no sequence of TPKTs */
    CIRCUIT_FAULT_MALFORMED,   /* a TPDU is wrong in itself */
    CIRCUIT_FAULT_SEQUENCE,    /* a TPDU that may not come now */
    CIRCUIT_FAULT_REFERENCE,   /* a TPDU of another connection */
    CIRCUIT_FAULT_NEGOTIATION, /* no class in common, or the answer exceeds the proposal
                                */
    CIRCUIT_FAULT_TPDU_SIZE,   /* a DT is larger than agreed */
    CIRCUIT_FAULT_TSDU_SIZE,   /* a TSDU is larger than `tsdu_max` */
    CIRCUIT_FAULT_REJECTED,    /* the peer sent an ER */
    CIRCUIT_FAULT_LOST,        /* the stream ended */
    CIRCUIT_FAULT_TIMEOUT,
};

struct circuit_event {
    enum circuit_event_type type;
    enum circuit_fault fault;
    uint8_t reason;        /* TPDU_REASON_... or another number the peer chose */
    bool complete;         /* no TSDU is left without its end */
    struct octets data;    /* DATA: in the input; else valid until the next call */
    struct octets calling; /* TSAP selectors, absent if the CR has none */
    struct octets called;
};

enum circuit_result {
    CIRCUIT_OK = 0,
    CIRCUIT_WRONG_STATE,
    CIRCUIT_TOO_LONG, /* connect or disconnect data, or a selector: nothing is sent */
    CIRCUIT_BUSY,     /* the piece before is not written yet */
};

/* Which timer the owner should have running; how long is the owner's to decide. When it
 * runs out, circuit_expire. */
enum circuit_timer {
    CIRCUIT_TIMER_NONE = 0,
    CIRCUIT_TIMER_CONNECT, /* the peer owes CR or CC, from when there is a stream */
    CIRCUIT_TIMER_ANSWER,  /* our client owes circuit_disconnect */
    CIRCUIT_TIMER_RELEASE, /* the peer owes DC or DR */
    CIRCUIT_TIMER_LINGER,  /* the peer owes the end of the stream */
};

struct circuit_setup {
    uint16_t
        reference; /* ours: not 0, and no two live circuits of a process the same */
    struct negotiation_terms terms;
    size_t tsdu_max; /* octets of the longest TSDU taken, 0: any */
};

/* The members are private but for `state` and `agreed`, which may be read. Must stay
 * where it is. */
struct circuit {
    enum circuit_state state;
    struct circuit_setup setup;
    struct negotiation_result agreed;
    uint16_t peer;      /* its reference, 0: not known */
    bool peer_nameless; /* its DR named no reference: there is none to send a DC to */
    bool tsdu_open;     /* a TSDU has begun to arrive and not ended */
    bool tsdu_ends;     /* the DT under way is its last */
    size_t tsdu_length; /* that have arrived of it, counted if there is a limit */
    struct tpdu call;   /* the CR to be answered; points into `intake` */
    struct intake intake;
    struct outbox outbox;
};

void circuit_init(struct circuit *circuit, const struct circuit_setup *setup);

/* Sends a CR; from CIRCUIT_IDLE. Selectors may be absent, data empty or up to
 * TPDU_CONNECT_DATA_MAX. */
enum circuit_result circuit_call(struct circuit *circuit,
                                 struct octets calling,
                                 struct octets called,
                                 struct octets data);

/* Answers CIRCUIT_CALL with a CC; data like circuit_call. */
enum circuit_result circuit_accept(struct circuit *circuit, struct octets data);

/* Ends the circuit with the words that its state has for it: CALLED refuses with a DR,
 * OPEN sends a DR, PEER_LEFT answers with a DR or, without data, with a DC; IDLE and
 * CALLING say nothing, as there is nobody yet to say it to. The piece under
 * way is written first. `data` is empty or up to TPDU_DISCONNECT_DATA_MAX. WRONG_STATE
 * when it was called before or nothing is left to end. */
enum circuit_result
circuit_disconnect(struct circuit *circuit, uint8_t reason, struct octets data);

/* Announces the next `length` octets of a TSDU, `last` if they end it. The octets stay
 * with the caller, who writes them when circuit_output asks for them, cut into DTs. In
 * CIRCUIT_OPEN and CIRCUIT_PEER_LEFT. */
enum circuit_result circuit_send(struct circuit *circuit, size_t length, bool last);

/* What to write to the stream next, perhaps nothing. */
struct outbox_output circuit_output(const struct circuit *circuit);

/* `count` octets of that are written. */
void circuit_written(struct circuit *circuit, size_t count);

/* Takes octets that the stream brought, up to and including the next event, and returns
 * how many. Call again with the rest: all of it is taken in the end. One TPDU header
 * and up to TPDU_DISCONNECT_DATA_MAX octets are kept, everything else goes on in the
 * event. */
size_t
circuit_feed(struct circuit *circuit, struct octets input, struct circuit_event *event);

/* The stream ended in order: the peer writes no more. */
void circuit_end(struct circuit *circuit, struct circuit_event *event);

/* The stream broke: nothing comes and nothing goes any more. */
void circuit_lose(struct circuit *circuit, struct circuit_event *event);

enum circuit_timer circuit_timer(const struct circuit *circuit);

/* The timer that circuit_timer named ran out. */
void circuit_expire(struct circuit *circuit, struct circuit_event *event);

/* Everything is written that ever will be: time to end the stream in this direction,
 * and to read and drop what still comes until the peer ends the other one. Closing with
 * octets unread makes TCP reset the connection, and a reset can eat our last TPDU at
 * the peer. */
bool circuit_is_done(const struct circuit *circuit);

#endif
