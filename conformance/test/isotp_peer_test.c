/* The ISO transport peer against itself over loopback. */
#include "isotp_check.h"
#include "isotp_peer.h"

/* --- Two peers over loopback
 * ---------------------------------------------------------- */

static struct isotp_peer caller, callee;
static struct isotp_endpoint where;
static isotp_socket listener;

/* For nothing to come; and for the same where a TCP connection has to be made before.
 */
enum { PATIENCE_MS = 20, CONNECT_MS = 250 };

static const struct isotp_terms call_terms = {.called = "SRV",
                                              .called_size = 3,
                                              .calling = "CLI",
                                              .calling_size = 3,
                                              .data = "hello",
                                              .data_size = 5,
                                              .tpdu_size = 0x07};

static void begin_listening(void)
{
    isotp_peer_init(&caller);
    isotp_peer_init(&callee);
    where = (struct isotp_endpoint){{127, 0, 0, 1}, 0};
    OK(callee, isotp_socket_listen(&where, 5, &listener, &callee.why));
}

static void end_listening(void)
{
    isotp_reset(&caller);
    isotp_reset(&callee);
    isotp_socket_close(listener);
}

static void call(const struct isotp_terms *terms)
{
    OK(caller, isotp_open(&caller, NULL, &where));
    OK(callee, isotp_accept(&callee, listener));
    OK(caller, isotp_send_cr(&caller, terms));
    OK(callee, isotp_await_cr(&callee));
}

static void connect_both(const struct isotp_terms *terms)
{
    call(terms);
    OK(callee, isotp_send_cc(&callee, NULL));
    OK(caller, isotp_await_cc(&caller));
}

static void terms_are_exchanged(void)
{
    static const struct isotp_terms grant = {.data = "welcome", .data_size = 7};
    struct isotp_terms seen;

    call(&call_terms);
    seen = isotp_terms_of(&callee.call);
    CHECK(seen.called_size == 3 && memcmp(seen.called, "SRV", 3) == 0);
    CHECK(seen.calling_size == 3 && memcmp(seen.calling, "CLI", 3) == 0);
    CHECK(seen.data_size == 5 && memcmp(seen.data, "hello", 5) == 0);
    OK(callee, isotp_send_cc(&callee, &grant));
    OK(caller, isotp_await_cc(&caller));
    seen = isotp_terms_of(&caller.call);
    CHECK(seen.called_size == 3 && memcmp(seen.called, "SRV", 3) == 0);
    CHECK(seen.data_size == 7 && memcmp(seen.data, "welcome", 7) == 0);
    CHECK(caller.tpdu_size == 128 && callee.tpdu_size == 128);
    CHECK(caller.far_reference == callee.own_reference);
    CHECK(callee.far_reference == caller.own_reference);
}

static void a_call_is_refused(void)
{
    call(&call_terms);
    OK(callee, isotp_refuse(&callee, ISOTP_REASON_NOT_ATTACHED, "nobody", 6));
    ENDS(caller, ISOTP_REFUSED, isotp_await_cc(&caller));
    CHECK_TEXT(caller.why.text,
               "the far side refused the connection by a DR with reason 2");
    CHECK(caller.farewell.reason == 2 && caller.farewell.size == 6);
    CHECK(memcmp(caller.farewell.data, "nobody", 6) == 0);
}

static void tcp_is_refused(void)
{
    struct isotp_why why;

    isotp_socket_close(listener);
    ENDS(caller, ISOTP_REFUSED, isotp_open(&caller, NULL, &where));
    where.port = 0;
    check_result(__FILE__,
                 __LINE__,
                 "listening again",
                 isotp_socket_listen(&where, 5, &listener, &why),
                 ISOTP_OK,
                 &why);
}

static void silence_ends_in_a_timeout(void)
{
    callee.limit_ms = PATIENCE_MS;
    ENDS(callee, ISOTP_TIMEOUT, isotp_accept(&callee, listener));
    callee.limit_ms = ISOTP_LIMIT_MS;
    OK(caller, isotp_open(&caller, NULL, &where));
    OK(callee, isotp_accept(&callee, listener));
    callee.limit_ms = caller.limit_ms = PATIENCE_MS;
    ENDS(callee, ISOTP_TIMEOUT, isotp_await_cr(&callee));
    ENDS(caller, ISOTP_TIMEOUT, isotp_await_cc(&caller));
    CHECK_TEXT(caller.why.text, "receiving: nothing happened within the time limit");
}

/* What a CC may not be that answers a CR of class 2 with TPDU size 128, no options. */
static const struct {
    uint16_t class_option;
    const char *variable;
    size_t variable_size;
    const char *why;
} grants[] = {
    {ISOTP_CLASS_2, "", 0, ""},
    {ISOTP_CLASS_2, "\xC0\x01\x07\xC6\x01\x00", 6, ""},
    {ISOTP_CLASS_0,
     "",
     0,
     "octet 7 of the CC: expected class and option 0x21, observed 0x00"},
    {ISOTP_CLASS_2,
     "\xC0\x01\x08",
     3,
     "the CC: expected a TPDU size code of at most 0x07, observed 0x08"},
    {ISOTP_CLASS_2,
     "\xC6\x01\x01",
     3,
     "the CC: expected none of the options 0x01, since the CR had none"},
    {ISOTP_CLASS_2,
     "\xF0\x01\x01",
     3,
     "the CC: expected no preferred TPDU size, since the CR had none, observed one"},
    {ISOTP_CLASS_2,
     "\xC7\x01\x00",
     3,
     "octet 8 of the CC: expected the code of a parameter that it can have, observed "
     "0xC7"},
};

static void grants_keep_to_the_proposal(void)
{
    call(&call_terms);
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++) {
        struct isotp_tpdu cc = {.kind = ISOTP_CC,
                                .destination = callee.far_reference,
                                .source = callee.own_reference,
                                .class_option = grants[i].class_option};

        isotp_tpdu_add_raw(&cc, grants[i].variable, grants[i].variable_size);
        OK(callee, isotp_send_tpdu(&callee, &cc));
        ENDS(caller,
             grants[i].why[0] ? ISOTP_DIFFERENT : ISOTP_OK,
             isotp_await_cc(&caller));
        CHECK_TEXT(caller.why.text, grants[i].why);
        CHECK(caller.tpdu_size == 128);
    }
}

static void another_class_is_a_fault(void)
{
    caller.class_option = ISOTP_CLASS_0;
    OK(caller, isotp_open(&caller, NULL, &where));
    OK(callee, isotp_accept(&callee, listener));
    OK(caller, isotp_send_cr(&caller, &call_terms));
    ENDS(callee, ISOTP_DIFFERENT, isotp_await_cr(&callee));
    CHECK_TEXT(callee.why.text,
               "octet 7 of the CR: expected class and option 0x21, observed 0x00");
}

/* The whole of an initiator, and the whole of a responder. */
static void connections_are_made_in_one_step(void)
{
    static const struct isotp_terms grant = {
        .called = "OTHER", .called_size = 5, .calling = "YOU", .calling_size = 3};
    struct isotp_endpoint from = {{127, 0, 0, 1}, 0};
    struct isotp_terms seen;

    caller.limit_ms = CONNECT_MS;
    ENDS(caller, ISOTP_TIMEOUT, isotp_connect(&caller, &from, &where, &call_terms));
    OK(callee, isotp_serve(&callee, listener, &grant));
    caller.limit_ms = ISOTP_LIMIT_MS;
    OK(caller, isotp_await_cc(&caller));
    seen = isotp_terms_of(&caller.call);
    CHECK(seen.called_size == 5 && memcmp(seen.called, "OTHER", 5) == 0);
    CHECK(seen.calling_size == 3 && memcmp(seen.calling, "YOU", 3) == 0);
    CHECK(seen.tpdu_size == 0x07 && seen.data_size == 0);
}

static void what_cannot_be_done_is_said(void)
{
    static const char large[ISOTP_TPKT_MAX];
    static const struct isotp_terms terms = {.calling = large, .calling_size = 255};
    struct isotp_endpoint nobody = {{192, 0, 2, 1}, 0};
    struct isotp_tpdu dt = {.kind = ISOTP_DT, .data = large, .data_size = 65527};

    ENDS(caller, ISOTP_FAILED, isotp_open(&caller, &nobody, &where));
    OK(caller, isotp_open(&caller, NULL, &where));
    ENDS(caller, ISOTP_FAILED, isotp_send_cr(&caller, &terms));
    CHECK_TEXT(caller.why.text, "the parameters of the CR do not fit into its header");
    ENDS(caller, ISOTP_FAILED, isotp_send_tpdu(&caller, &dt));
    CHECK_TEXT(caller.why.text, "the DT to be sent does not fit into its TPKT");
}

/* A message of several DTs, received as it is sent: no side waits for the other. */
static void exchange_message(size_t part)
{
    static unsigned char sent[1000], got[1000];
    size_t arrived = 0, size;

    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (unsigned char)(i * 7);
    for (size_t at = 0; at < sizeof sent; at += part) {
        bool end = at + part >= sizeof sent;

        callee.limit_ms = end ? ISOTP_LIMIT_MS : PATIENCE_MS;
        OK(caller,
           isotp_send_part(&caller, sent + at, end ? sizeof sent - at : part, end));
        ENDS(
            callee,
            end ? ISOTP_OK : ISOTP_TIMEOUT,
            isotp_receive_message(&callee, got + arrived, sizeof got - arrived, &size));
        arrived += size;
    }
    CHECK(arrived == sizeof sent && memcmp(sent, got, arrived) == 0);
}

static void messages_are_cut_and_joined(void)
{
    connect_both(&call_terms);
    exchange_message(400);
    exchange_message(1000);
    /* 1000 octets in DTs of at most 128 - 5; three parts of 4, 4 and 2, then 9. */
    CHECK(caller.next_number == 10 + 9);
}

static void class_0_carries_messages(void)
{
    caller.class_option = callee.class_option = ISOTP_CLASS_0;
    connect_both(&call_terms);
    exchange_message(1000);
    CHECK(caller.next_number == 0 && callee.seen.kind == ISOTP_DT_CLASS_0);
}

static void an_empty_message_is_one(void)
{
    char buffer[1];
    size_t size;

    connect_both(&call_terms);
    OK(caller, isotp_send_message(&caller, NULL, 0));
    OK(callee, isotp_receive_message(&callee, buffer, 0, &size));
    CHECK(size == 0);
}

static void messages_that_break_the_agreement_are_faults(void)
{
    static char buffer[200];
    size_t size;

    connect_both(&call_terms);
    caller.tpdu_size = 129;
    OK(caller, isotp_send_message(&caller, buffer, 124));
    ENDS(callee,
         ISOTP_DIFFERENT,
         isotp_receive_message(&callee, buffer, sizeof buffer, &size));
    CHECK_TEXT(callee.why.text,
               "the DT: expected at most the TPDU size of 128 octets, observed 129");
    OK(caller, isotp_send_message(&caller, buffer, 11));
    ENDS(callee, ISOTP_DIFFERENT, isotp_receive_message(&callee, buffer, 10, &size));
    CHECK_TEXT(callee.why.text,
               "the message: expected at most 10 more octets, observed 11");
    caller.tpdu_size = 5;
    ENDS(caller, ISOTP_FAILED, isotp_send_message(&caller, buffer, 1));
}

static unsigned char all_octets[ISOTP_DISCONNECT_DATA_MAX];

static void fill_all_octets(unsigned char first)
{
    for (size_t i = 0; i < sizeof all_octets; i++)
        all_octets[i] = (unsigned char)(first + i);
}

/* The documented exchange: data A with a DR, data B with the DR that answers it. */
static void farewells_go_both_ways(void)
{
    size_t size;

    connect_both(&call_terms);
    fill_all_octets(0xE0);
    OK(caller, isotp_send_dr(&caller, ISOTP_REASON_NORMAL, all_octets, 64));
    ENDS(callee, ISOTP_DISCONNECTED, isotp_receive_message(&callee, NULL, 0, &size));
    OK(callee, isotp_await_dr(&callee));
    CHECK(callee.farewell.kind == ISOTP_DR && callee.farewell.reason == 128);
    CHECK(callee.farewell.size == 64 &&
          memcmp(callee.farewell.data, all_octets, 64) == 0);
    OK(callee, isotp_send_message(&callee, "late", 4));
    OK(callee, isotp_send_dr(&callee, ISOTP_REASON_NORMAL, "B", 1));
    OK(caller, isotp_await_release(&caller));
    CHECK(caller.farewell.kind == ISOTP_DR && caller.farewell.size == 1);
    CHECK(caller.dropped == 1);
    OK(caller, isotp_finish(&caller));
    OK(callee, isotp_await_end(&callee));
    OK(callee, isotp_close(&callee));
    OK(caller, isotp_close(&caller));
}

/* Two farewells that cross confirm each other. */
static void farewells_cross(void)
{
    size_t size;

    connect_both(&call_terms);
    OK(caller, isotp_send_dr(&caller, ISOTP_REASON_NORMAL, "A", 1));
    OK(callee, isotp_send_dr(&callee, ISOTP_REASON_NORMAL, "B", 1));
    OK(caller, isotp_await_release(&caller));
    CHECK(caller.farewell.size == 1 && caller.farewell.data[0] == 'B');
    ENDS(callee, ISOTP_DISCONNECTED, isotp_receive_message(&callee, NULL, 0, &size));
    OK(callee, isotp_await_release(&callee));
    CHECK(callee.farewell.size == 1 && callee.farewell.data[0] == 'A');
}

static void a_farewell_is_confirmed(void)
{
    connect_both(&call_terms);
    OK(callee, isotp_send_dr(&callee, ISOTP_REASON_NORMAL, NULL, 0));
    OK(caller, isotp_await_dr(&caller));
    CHECK(caller.farewell.size == 0);
    OK(caller, isotp_send_dc(&caller));
    OK(callee, isotp_await_release(&callee));
    CHECK(callee.farewell.kind == ISOTP_DC);
}

static void a_foreign_reference_is_a_fault(void)
{
    struct isotp_tpdu dc = {.kind = ISOTP_DC, .destination = 1, .source = 2};

    caller.own_reference = 7;
    connect_both(&call_terms);
    caller.own_reference = 0x1001;
    OK(callee, isotp_send_tpdu(&callee, &dc));
    ENDS(caller, ISOTP_DIFFERENT, isotp_await_release(&caller));
    CHECK_TEXT(caller.why.text,
               "octets 3-4 of the DC: expected destination reference 0x1001, observed "
               "0x0001");
    OK(callee, isotp_send_dr(&callee, ISOTP_REASON_NORMAL, NULL, 0));
    ENDS(caller, ISOTP_DIFFERENT, isotp_await_dr(&caller));
    CHECK(caller.farewell.kind == ISOTP_NO_TPDU);
}

static void octets_arrive_in_any_pieces(void)
{
    static struct isotp_octets octets;
    struct isotp_tpdu expected = {.kind = ISOTP_DR,
                                  .destination = 0x2002,
                                  .source = 0x1001,
                                  .reason = ISOTP_REASON_NORMAL,
                                  .data = "bye",
                                  .data_size = 3};

    connect_both(&call_terms);
    callee.limit_ms = PATIENCE_MS;
    octets.size = 0;
    CHECK(isotp_octets_add_hex(&octets, "0300000e 06802002100180 627965"));
    for (size_t i = 0; i + 1 < octets.size; i++) {
        OK(caller, isotp_send_octets(&caller, octets.octets + i, 1));
        ENDS(callee, ISOTP_TIMEOUT, isotp_receive_tpdu(&callee));
    }
    callee.limit_ms = ISOTP_LIMIT_MS;
    OK(caller, isotp_send_octets(&caller, octets.octets + octets.size - 1, 1));
    OK(callee, isotp_expect(&callee, &expected, 0));
    for (size_t piece = 1; piece <= octets.size; piece++) {
        OK(caller, isotp_send_in_pieces(&caller, octets.octets, octets.size, piece));
        OK(callee, isotp_expect(&callee, &expected, 0));
    }
    ENDS(caller, ISOTP_FAILED, isotp_send_in_pieces(&caller, octets.octets, 1, 0));
}

static void half_a_tpkt_is_a_fault(void)
{
    connect_both(&call_terms);
    OK(caller, isotp_send_octets(&caller, "\x03\x00\x00\x0E\x06", 5));
    OK(caller, isotp_finish(&caller));
    ENDS(callee, ISOTP_DIFFERENT, isotp_receive_tpdu(&callee));
    CHECK_TEXT(callee.why.text,
               "octet 6 of a TPKT: expected it, observed the end of the TCP "
               "connection");
}

static void ends_are_told_apart(void)
{
    connect_both(&call_terms);
    OK(caller, isotp_send_dr(&caller, ISOTP_REASON_NORMAL, NULL, 0));
    OK(caller, isotp_finish(&caller));
    ENDS(callee, ISOTP_DIFFERENT, isotp_await_end(&callee));
    CHECK_TEXT(callee.why.text,
               "expected the end of the TCP connection, observed a DR");
    OK(callee, isotp_await_end(&callee));
    ENDS(callee, ISOTP_CLOSED, isotp_receive_tpdu(&callee));
    isotp_reset(&callee);
    ENDS(caller, ISOTP_RESET, isotp_receive_tpdu(&caller));
}

/* A far side that reads nothing: what the time limit cuts in the middle of a TPKT is
 * completed later, so the TPKTs stay whole. */
static void a_full_connection_stays_in_step(void)
{
    static char message[8000], buffer[8000];
    enum isotp_result result;
    unsigned sent = 0;
    size_t size;

    connect_both(&(struct isotp_terms){.tpdu_size = 0x0D});
    caller.limit_ms = 0;
    while ((result = isotp_send_message(&caller, message, sizeof message)) == ISOTP_OK)
        sent++;
    ENDS(caller, ISOTP_TIMEOUT, result);
    for (unsigned got = 0; got < sent; got++)
        OK(callee, isotp_receive_message(&callee, buffer, sizeof buffer, &size));
    caller.limit_ms = ISOTP_LIMIT_MS;
    OK(caller, isotp_send_message(&caller, "last", 4));
    OK(callee, isotp_receive_message(&callee, buffer, sizeof buffer, &size));
    CHECK(size == sizeof message);
    OK(callee, isotp_receive_message(&callee, buffer, sizeof buffer, &size));
    CHECK(size == 4);
}

/* Many empty DTs without EOT. */
static void endless_data_end_in_a_timeout(void)
{
    static struct isotp_octets octets;
    struct isotp_tpdu dt = {.kind = ISOTP_DT};
    size_t size;

    connect_both(&call_terms);
    dt.destination = caller.far_reference;
    while (isotp_octets_add_tpkt(&octets, &dt))
        continue;
    OK(caller, isotp_send_octets(&caller, octets.octets, octets.size));
    callee.limit_ms = 0;
    ENDS(callee, ISOTP_TIMEOUT, isotp_receive_message(&callee, NULL, 0, &size));
    CHECK_TEXT(callee.why.text,
               "receiving: the far side went on beyond the time limit");
    ENDS(callee, ISOTP_TIMEOUT, isotp_await_release(&callee));
    ENDS(callee, ISOTP_TIMEOUT, isotp_close(&callee));
}

int main(void)
{
    CU_TestInfo peer_tests[] = {
        {"terms are exchanged", terms_are_exchanged},
        {"a call is refused", a_call_is_refused},
        {"TCP is refused", tcp_is_refused},
        {"silence ends in a timeout", silence_ends_in_a_timeout},
        {"grants keep to the proposal", grants_keep_to_the_proposal},
        {"another class is a fault", another_class_is_a_fault},
        {"connections are made in one step", connections_are_made_in_one_step},
        {"what cannot be done is said", what_cannot_be_done_is_said},
        {"messages are cut and joined", messages_are_cut_and_joined},
        {"class 0 carries messages", class_0_carries_messages},
        {"an empty message is one", an_empty_message_is_one},
        {"messages that break the agreement are faults",
         messages_that_break_the_agreement_are_faults},
        {"farewells go both ways", farewells_go_both_ways},
        {"farewells cross", farewells_cross},
        {"a farewell is confirmed", a_farewell_is_confirmed},
        {"a foreign reference is a fault", a_foreign_reference_is_a_fault},
        {"octets arrive in any pieces", octets_arrive_in_any_pieces},
        {"half a TPKT is a fault", half_a_tpkt_is_a_fault},
        {"ends are told apart", ends_are_told_apart},
        {"endless data end in a timeout", endless_data_end_in_a_timeout},
        {"a full connection stays in step", a_full_connection_stays_in_step},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"isotp peer", NULL, NULL, begin_listening, end_listening, peer_tests},
        CU_SUITE_INFO_NULL,
    };
    int code;

    if (!isotp_network_start())
        return 2;
    code = run_suites(suites);
    isotp_network_stop();
    return code;
}
