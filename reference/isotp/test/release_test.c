/* How circuits end. */
#include "pair.h"

#include "expect.h"

static const struct octets none;

static void expect_written(struct circuit *circuit, const char *text)
{
    uint8_t room[512];
    struct octet_writer writer = {.at = room, .size = sizeof room};

    scene_drain(circuit, &writer);
    EXPECT_OCTETS(octets_of(room, writer.length), text);
}

static void test_both_ends_say_farewell(void)
{
    struct pair pair;

    pair_connect(&pair);
    circuit_disconnect(&pair.caller.circuit, TPDU_REASON_NORMAL, hex("\"A\""));
    EXPECT_EQUAL(pair.caller.circuit.state, CIRCUIT_LEAVING);
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.callee.seen.text, "call, disconnected 128");
    EXPECT_OCTETS(pair_data(&pair.callee), "\"A\"");
    EXPECT_EQUAL(pair.callee.circuit.state, CIRCUIT_PEER_LEFT);
    EXPECT_EQUAL(pair.caller.circuit.state, CIRCUIT_LEAVING);

    circuit_disconnect(&pair.callee.circuit, TPDU_REASON_NORMAL, hex("\"B\""));
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.caller.seen.text, "connected, disconnected 128");
    EXPECT_OCTETS(pair_data(&pair.caller), "\"B\"");
    EXPECT_EQUAL(circuit_is_done(&pair.caller.circuit), true);
    EXPECT_EQUAL(circuit_is_done(&pair.callee.circuit), true);
}

static void test_without_farewell_a_dc_answers(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_PEER_LEFT);
    EXPECT_EQUAL(circuit_timer(&circuit), CIRCUIT_TIMER_ANSWER);
    circuit_disconnect(&circuit, TPDU_REASON_NORMAL, none);
    expect_written(&circuit, "0300000a 05c010012002");
    EXPECT_EQUAL(circuit_is_done(&circuit), true);
}

static void test_a_dc_says_whether_a_tsdu_was_left_unfinished(void)
{
    struct pair pair;

    for (size_t i = 0; i < 2; i++) {
        bool last = i == 1;

        pair_connect(&pair);
        circuit_send(&pair.callee.circuit, 10, last);
        circuit_disconnect(&pair.caller.circuit, TPDU_REASON_NORMAL, none);
        pair_run(&pair);
        circuit_disconnect(&pair.callee.circuit, TPDU_REASON_NORMAL, none);
        pair_run(&pair);
        EXPECT_EQUAL(pair.caller.event.type, CIRCUIT_RELEASED);
        EXPECT_EQUAL(pair.caller.event.complete, last);
    }
}

static void test_a_timer_answers_for_a_client_that_does_not(void)
{
    struct circuit_event event;
    struct circuit circuit;

    scene_set(&circuit, SCENE_PEER_LEFT);
    circuit_expire(&circuit, &event);
    EXPECT_EQUAL(event.type, CIRCUIT_NOTHING);
    expect_written(&circuit, "0300000a 05c010012002");
    EXPECT_EQUAL(circuit_timer(&circuit), CIRCUIT_TIMER_LINGER);
}

static void test_no_dc_to_nobody(void)
{
    struct transcript seen = {0};
    struct circuit circuit;

    scene_set(&circuit, SCENE_OPEN);
    scene_feed(&circuit, hex("0300000b 06802002000080"), SIZE_MAX, &seen);
    circuit_disconnect(&circuit, TPDU_REASON_NORMAL, none);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_is_done(&circuit), true);
}

static void test_farewells_cross(void)
{
    struct pair pair;

    pair_connect(&pair);
    circuit_disconnect(&pair.caller.circuit, TPDU_REASON_NORMAL, hex("\"A\""));
    circuit_disconnect(&pair.callee.circuit, TPDU_REASON_NORMAL, hex("\"B\""));
    pair_run(&pair);
    EXPECT_OCTETS(pair_data(&pair.callee), "\"A\"");
    EXPECT_OCTETS(pair_data(&pair.caller), "\"B\"");
    EXPECT_EQUAL(circuit_is_done(&pair.caller.circuit), true);
    EXPECT_EQUAL(circuit_is_done(&pair.callee.circuit), true);
}

/* What the other end still sends before its answer is not lost. */
static void test_data_go_on_until_the_answer(void)
{
    struct pair pair;

    pair_connect(&pair);
    circuit_disconnect(&pair.caller.circuit, TPDU_REASON_NORMAL, hex("\"A\""));
    pair_run(&pair);
    EXPECT_EQUAL(circuit_send(&pair.callee.circuit, 5000, true), CIRCUIT_OK);
    EXPECT_EQUAL(
        circuit_disconnect(&pair.callee.circuit, TPDU_REASON_NORMAL, hex("\"B\"")),
        CIRCUIT_OK);
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.caller.seen.text,
                           "connected, tsdu 5000, disconnected 128");
    EXPECT_EQUAL(pair.caller.event.complete, true);
}

static void test_data_before_the_farewell_come_first(void)
{
    struct pair pair;

    pair_connect(&pair);
    circuit_send(&pair.caller.circuit, 5000, true);
    circuit_disconnect(&pair.caller.circuit, TPDU_REASON_NORMAL, hex("\"A\""));
    EXPECT_EQUAL(circuit_send(&pair.caller.circuit, 1, true), CIRCUIT_WRONG_STATE);
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.callee.seen.text, "call, tsdu 5000, disconnected 128");
}

static void test_an_unfinished_tsdu_is_said(void)
{
    struct pair pair;

    pair_connect(&pair);
    circuit_send(&pair.caller.circuit, 10, false);
    pair_run(&pair);
    circuit_disconnect(&pair.caller.circuit, TPDU_REASON_NORMAL, none);
    pair_run(&pair);
    EXPECT_EQUAL(pair.callee.event.type, CIRCUIT_DISCONNECTED);
    EXPECT_EQUAL(pair.callee.event.complete, false);
}

/* Class 0 has no DC: the end of the stream confirms. */
static void test_class_0_confirms_by_the_end_of_the_stream(void)
{
    struct transcript seen = {0};
    struct circuit_event event;
    struct circuit circuit;

    scene_set(&circuit, SCENE_LEAVING_0);
    EXPECT_EQUAL(circuit_is_done(&circuit), true);
    circuit_end(&circuit, &event);
    EXPECT_EQUAL(event.type, CIRCUIT_RELEASED);
    EXPECT_EQUAL(event.complete, true);

    scene_set(&circuit, SCENE_CLASS_0);
    scene_feed(&circuit, hex("0300000b 06802002100180"), SIZE_MAX, &seen);
    circuit_disconnect(&circuit, TPDU_REASON_NORMAL, none);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_is_done(&circuit), true);
}

/* The plain release of class 0, by peers that send no DR at all. */
static void test_class_0_leaves_by_the_end_of_the_stream(void)
{
    struct circuit_event event;
    struct circuit circuit;

    scene_set(&circuit, SCENE_CLASS_0);
    circuit_end(&circuit, &event);
    EXPECT_EQUAL(event.type, CIRCUIT_DISCONNECTED);
    EXPECT_EQUAL(event.reason, TPDU_REASON_UNSPECIFIED);
    EXPECT_EQUAL(circuit.state, CIRCUIT_PEER_LEFT);
}

static const struct {
    const char *octets; /* that come before */
    enum scene scene;
    enum circuit_event_type end; /* when the stream ends */
    bool complete;
    enum circuit_event_type loss;
} endings[] = {
    {"", SCENE_IDLE, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"", SCENE_CALLING, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"", SCENE_CALLED, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"", SCENE_OPEN, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"", SCENE_CLASS_0, CIRCUIT_DISCONNECTED, true, CIRCUIT_FAILED},
    {"0300", SCENE_CLASS_0, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"03000009 02f080 41", SCENE_CLASS_0, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"03000008 02f000 41", SCENE_CLASS_0, CIRCUIT_DISCONNECTED, false, CIRCUIT_FAILED},
    {"", SCENE_PEER_LEFT, CIRCUIT_NOTHING, false, CIRCUIT_NOTHING},
    {"", SCENE_LEAVING, CIRCUIT_RELEASED, true, CIRCUIT_FAILED},
    {"0300", SCENE_LEAVING, CIRCUIT_FAILED, false, CIRCUIT_FAILED},
    {"0300000a 05c020021001", SCENE_LEAVING, CIRCUIT_NOTHING, false, CIRCUIT_NOTHING},
};

static void test_ends_and_losses_of_the_stream(void)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct transcript seen = {0};
        struct circuit_event event;
        struct circuit circuit;

        expect_about(scene_name(endings[i].scene));
        scene_set(&circuit, endings[i].scene);
        scene_feed(&circuit, hex(endings[i].octets), SIZE_MAX, &seen);
        circuit_end(&circuit, &event);
        EXPECT_EQUAL(event.type, endings[i].end);
        EXPECT_EQUAL(event.complete, endings[i].complete);
        EXPECT_EQUAL(circuit.state == CIRCUIT_PEER_LEFT,
                     endings[i].end == CIRCUIT_DISCONNECTED ||
                         endings[i].scene == SCENE_PEER_LEFT);
        EXPECT_EQUAL(circuit.state == CIRCUIT_CLOSED,
                     circuit.state != CIRCUIT_PEER_LEFT);
        EXPECT_EQUAL(event.fault == CIRCUIT_FAULT_LOST,
                     endings[i].end == CIRCUIT_FAILED);

        scene_set(&circuit, endings[i].scene);
        scene_feed(&circuit, hex(endings[i].octets), SIZE_MAX, &seen);
        circuit_lose(&circuit, &event);
        EXPECT_EQUAL(event.type, endings[i].loss);
        EXPECT_EQUAL(circuit.state, CIRCUIT_CLOSED);
        EXPECT_EQUAL(circuit_is_done(&circuit), true);
    }
    expect_about(NULL);
}

static const struct {
    enum scene scene;
    enum circuit_timer timer;
    enum circuit_event_type event; /* when it runs out */
} timers[] = {
    {SCENE_IDLE, CIRCUIT_TIMER_CONNECT, CIRCUIT_FAILED},
    {SCENE_CALLING, CIRCUIT_TIMER_CONNECT, CIRCUIT_FAILED},
    {SCENE_CALLED, CIRCUIT_TIMER_NONE, CIRCUIT_NOTHING},
    {SCENE_OPEN, CIRCUIT_TIMER_NONE, CIRCUIT_NOTHING},
    {SCENE_PEER_LEFT, CIRCUIT_TIMER_ANSWER, CIRCUIT_NOTHING},
    {SCENE_LEAVING, CIRCUIT_TIMER_RELEASE, CIRCUIT_FAILED},
};

static void test_timers_run_out(void)
{
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
        struct circuit_event event;
        struct circuit circuit;

        expect_about(scene_name(timers[i].scene));
        scene_set(&circuit, timers[i].scene);
        EXPECT_EQUAL(circuit_timer(&circuit), timers[i].timer);
        circuit_expire(&circuit, &event);
        EXPECT_EQUAL(event.type, timers[i].event);
        EXPECT_EQUAL(event.fault == CIRCUIT_FAULT_TIMEOUT,
                     timers[i].event == CIRCUIT_FAILED);
        if (timers[i].timer == CIRCUIT_TIMER_NONE)
            continue;
        EXPECT_EQUAL(circuit.state, CIRCUIT_CLOSED);
        circuit_expire(&circuit, &event);
        EXPECT_EQUAL(event.type, CIRCUIT_NOTHING);
    }
    expect_about(NULL);
}

/* A CR that comes octet by octet is still one that has not come. */
static void test_a_slow_cr_does_not_stop_the_timer(void)
{
    struct transcript seen = {0};
    struct circuit circuit;

    scene_set(&circuit, SCENE_IDLE);
    scene_feed(&circuit, hex("0300001d 16e000001001 21 c0010b"), 1, &seen);
    EXPECT_EQUAL(circuit_timer(&circuit), CIRCUIT_TIMER_CONNECT);
}

static void test_a_dr_behind_the_cc_waits_for_it(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_CALLED);
    circuit_accept(&circuit, none);
    circuit_disconnect(&circuit, TPDU_REASON_NORMAL, hex("\"bye\""));
    expect_written(&circuit,
                   "0300001b 16d010012002 21 c0010b c103434c49 c203535256 c60100 "
                   "0300000e 068010012002 80 627965");
}

CU_TestInfo release_tests[] = {
    {"both ends say farewell", test_both_ends_say_farewell},
    {"without farewell a DC answers", test_without_farewell_a_dc_answers},
    {"a DC says whether a TSDU was left unfinished",
     test_a_dc_says_whether_a_tsdu_was_left_unfinished},
    {"a timer answers for a client that does not",
     test_a_timer_answers_for_a_client_that_does_not},
    {"no DC to nobody", test_no_dc_to_nobody},
    {"farewells cross", test_farewells_cross},
    {"data go on until the answer", test_data_go_on_until_the_answer},
    {"data before the farewell come first", test_data_before_the_farewell_come_first},
    {"an unfinished TSDU is said", test_an_unfinished_tsdu_is_said},
    {"class 0 confirms by the end of the stream",
     test_class_0_confirms_by_the_end_of_the_stream},
    {"class 0 leaves by the end of the stream",
     test_class_0_leaves_by_the_end_of_the_stream},
    {"ends and losses of the stream", test_ends_and_losses_of_the_stream},
    {"timers run out", test_timers_run_out},
    {"a slow CR does not stop the timer", test_a_slow_cr_does_not_stop_the_timer},
    {"a DR behind the CC waits for it", test_a_dr_behind_the_cc_waits_for_it},
    CU_TEST_INFO_NULL,
};
