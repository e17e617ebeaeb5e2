/* What a case about packets is written with, besides spi_case.h: it names what is to be
 * captured and where in the capture it is. What must hold there is declared beside the
 * body, as `.wire` and `.tpdus` of struct spi_case; the runner judges it. Without a
 * capture such a case is `blocked` before it begins.
 *
 * Claims (`.wire`, separated by spaces), all about t's worker only:
 *
 * no_packet          the call itself puts no packet on the network, until `settled`;
 *                    packets that another claim of the case is about are left to it
 * no_window_update   neither does it raise the window of the subject
 * no_reset           nobody resets the subject, up to the close
 * no_icmp            no ICMP or ICMPv6 error is sent, up to the close
 * window_as_control  behind the call the subject's window takes the course of that of
 *                    the control connection, and as many bytes are acknowledged
 * window_closes      at last it is full, and the sender waits
 * datagrams          as many datagrams as were sent reach the host
 * tpdus              the TPDUs of the subject are those of `.tpdus`, in this order:
 *                    `provider:` or `peer:`, CR, CC, DR, DC or DT, for a DR `=` and its
 *                    reason, then `:` (for others `=`) and user data, either 'text' or
 *                    words(HEX,N), N octets that count up; CALL stands where the call
 *                    is. References are always judged */
#ifndef WSPCHECK_WIRE_CASE_H
#define WSPCHECK_WIRE_CASE_H

#include "spi_case.h"

/* How long after the call a packet is still taken to be its doing, in milliseconds:
 * longer than a TCP may put off an acknowledgement on Linux (40 ms). */
#define WIRE_SETTLE_MS 50

enum wire_role {
    WIRE_SUBJECT, /* the socket that the call is made on */
    WIRE_CONTROL  /* gets the same traffic; nobody calls, and nobody reads */
};

/* Names a socket of the provider, and its far end if it has one (else NULL). */
void wire_names(struct spi_test *t, enum wire_role role, SOCKET s, struct peer *peer);

/* A step that is worth showing; printf-like. */
void wire_step(struct spi_test *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* So many datagrams have been sent to the subject since the call, by whomsoever. */
void wire_sent(struct spi_test *t, unsigned datagrams);

/* WSPRecvDisconnect on t->s between its marks, then WIRE_SETTLE_MS of quiet (a declared
 * wait). The network must be at rest. `queued`: bytes that wait to be received on t->s.
 */
struct outcome wire_recv_disconnect(struct spi_test *t, WSABUF *data, size_t queued);

/* How a connection has come to rest. */
enum wire_rest {
    WIRE_UNDER_WAY,    /* it has not */
    WIRE_ACKNOWLEDGED, /* both sides have acknowledged all there is */
    WIRE_STALLED,      /* the peer has more to send than the window takes */
    WIRE_SHUT,         /* so it is, and the window has been filled up */
    WIRE_GONE          /* it is not a connection any more */
};

/* Waits until the named connections have come to rest: by the kernel's tables;
 * `blocked` where there are none. Nothing is under way then that could be taken for the
 * call's doing, but for the probes of a peer that is stalled. */
void wire_await_rest(struct spi_test *t);
/* Waits until the windows of those that are stalled are filled up. */
void wire_await_shut(struct spi_test *t);
/* Waits until the provider has taken all that has come on them out of the system's
 * hands, and they are at rest. false: it does not within `ms`; it need not read ahead.
 */
bool wire_await_drained(struct spi_test *t, unsigned ms);
/* How one was then. */
enum wire_rest wire_rest_of(const struct spi_test *t, enum wire_role role);
/* Waits until the system holds more than so many bytes for this local port, at most
 * `ms`; gives what it holds then. */
size_t wire_await_queue(struct spi_test *t,
                        unsigned short port,
                        size_t more_than,
                        unsigned ms);

#endif
