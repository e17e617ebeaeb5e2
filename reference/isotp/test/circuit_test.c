/* How circuits come to be. */
#include "pair.h"

#include "expect.h"

static const struct octets none;

static void expect_seen(const struct pair_end *end, const char *text)
{
    CU_ASSERT_STRING_EQUAL(end->seen.text, text);
}

/* What the circuit has to write. */
static void expect_written(struct circuit *circuit, const char *text)
{
    static uint8_t room[4096];
    struct octet_writer writer = {.at = room, .size = sizeof room};

    scene_drain(circuit, &writer);
    EXPECT_OCTETS(octets_of(room, writer.length), text);
}

static void test_a_call_is_accepted_with_data_both_ways(void)
{
    struct pair pair;

    pair_init(&pair, 2048, 8192);
    EXPECT_EQUAL(
        circuit_call(
            &pair.caller.circuit, hex("\"CLI\""), hex("\"SRV\""), hex("\"hi\"")),
        CIRCUIT_OK);
    EXPECT_EQUAL(pair.caller.circuit.state, CIRCUIT_CALLING);
    pair_run(&pair);
    expect_seen(&pair.callee, "call");
    EXPECT_OCTETS(pair.callee.event.calling, "\"CLI\"");
    EXPECT_OCTETS(pair.callee.event.called, "\"SRV\"");
    EXPECT_OCTETS(pair_data(&pair.callee), "\"hi\"");
    EXPECT_EQUAL(pair.callee.circuit.state, CIRCUIT_CALLED);
    EXPECT_EQUAL(circuit_accept(&pair.callee.circuit, hex("\"ok\"")), CIRCUIT_OK);
    pair_run(&pair);
    expect_seen(&pair.caller, "connected");
    EXPECT_OCTETS(pair_data(&pair.caller), "\"ok\"");
    EXPECT_EQUAL(pair.caller.circuit.state, CIRCUIT_OPEN);
    EXPECT_EQUAL(pair.callee.circuit.state, CIRCUIT_OPEN);
    EXPECT_EQUAL(pair.caller.circuit.agreed.tpdu_size, 2048);
    EXPECT_EQUAL(pair.callee.circuit.agreed.tpdu_size, 2048);
    EXPECT_EQUAL(pair.caller.circuit.agreed.format, TPDU_CLASS_2);
}

static void test_the_octets_are_those_of_the_vectors(void)
{
    struct circuit circuit;
    struct transcript seen = {0};
    struct circuit_setup setup = {.reference = 0x1001,
                                  .terms = {NEGOTIATION_CLASS_2, 2048}};

    circuit_init(&circuit, &setup);
    circuit_call(&circuit, hex("\"CLI\""), hex("\"SRV\""), hex("\"hi\""));
    expect_written(&circuit,
                   "0300001d 16e000001001 21 c0010b c103434c49 c203535256 c60100 6869");
    setup.terms.classes = NEGOTIATION_CLASS_0;
    circuit_init(&circuit, &setup);
    circuit_call(&circuit, hex("\"CLI\""), hex("\"SRV\""), hex("\"hi\""));
    expect_written(&circuit,
                   "0300001a 13e000001001 00 c0010b c103434c49 c203535256 6869");

    scene_set(&circuit, SCENE_IDLE);
    scene_feed(&circuit,
               hex("0300001d 16e000001001 21 c0010b c103434c49 c203535256 c60100 6869"),
               SIZE_MAX,
               &seen);
    circuit_accept(&circuit, hex("\"ok\""));
    expect_written(&circuit,
                   "0300001d 16d010012002 21 c0010b c103434c49 c203535256 c60100 6f6b");
    scene_set(&circuit, SCENE_IDLE);
    scene_feed(&circuit,
               hex("0300001a 13e000001001 00 c0010b c103434c49 c203535256 6869"),
               SIZE_MAX,
               &seen);
    circuit_accept(&circuit, hex("\"ok\""));
    expect_written(&circuit,
                   "0300001a 13d010012002 00 c0010b c103434c49 c203535256 6f6b");
}

static void test_a_call_is_refused_with_reason_and_data(void)
{
    struct pair pair;

    pair_init(&pair, 2048, 2048);
    circuit_call(&pair.caller.circuit, none, none, none);
    pair_run(&pair);
    EXPECT_EQUAL(circuit_disconnect(
                     &pair.callee.circuit, TPDU_REASON_ADDRESS, hex("\"no\" 00*62")),
                 CIRCUIT_OK);
    pair_run(&pair);
    expect_seen(&pair.caller, "refused 3");
    EXPECT_OCTETS(pair_data(&pair.caller), "\"no\" 00*62");
    EXPECT_EQUAL(circuit_is_done(&pair.caller.circuit), true);
    EXPECT_EQUAL(circuit_is_done(&pair.callee.circuit), true);
}

static void test_a_refusal_is_that_of_the_vector(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_CALLED);
    circuit_disconnect(&circuit, TPDU_REASON_ADDRESS, none);
    EXPECT_EQUAL(circuit_is_done(&circuit), false);
    expect_written(&circuit, "0300000b 06801001000003");
    EXPECT_EQUAL(circuit_is_done(&circuit), true);
}

static void test_too_long_data_are_refused_and_not_sent(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_IDLE);
    EXPECT_EQUAL(circuit_call(&circuit, none, none, hex("41*33")), CIRCUIT_TOO_LONG);
    EXPECT_EQUAL(circuit_call(&circuit, hex("41*33"), none, none), CIRCUIT_TOO_LONG);
    EXPECT_EQUAL(circuit_call(&circuit, none, hex("41*33"), none), CIRCUIT_TOO_LONG);
    EXPECT_EQUAL(circuit.state, CIRCUIT_IDLE);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_call(&circuit, hex("41*32"), hex("41*32"), hex("41*32")),
                 CIRCUIT_OK);

    scene_set(&circuit, SCENE_CALLED);
    EXPECT_EQUAL(circuit_accept(&circuit, hex("41*33")), CIRCUIT_TOO_LONG);
    EXPECT_EQUAL(circuit_disconnect(&circuit, 128, hex("41*65")), CIRCUIT_TOO_LONG);
    EXPECT_EQUAL(circuit.state, CIRCUIT_CALLED);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_accept(&circuit, hex("41*32")), CIRCUIT_OK);
    EXPECT_EQUAL(circuit_disconnect(&circuit, 128, hex("41*65")), CIRCUIT_TOO_LONG);
    EXPECT_EQUAL(circuit.state, CIRCUIT_OPEN);
}

/* The longest CR and CC that can be asked for. */
static void test_the_longest_opening_fits(void)
{
    struct octets name = hex("41*32");
    struct pair pair;

    pair_init(&pair, 65531, 65531);
    circuit_call(&pair.caller.circuit, name, name, name);
    pair_run(&pair);
    EXPECT_OCTETS(pair_data(&pair.callee), "41*32");
    EXPECT_EQUAL(circuit_accept(&pair.callee.circuit, name), CIRCUIT_OK);
    pair_run(&pair);
    expect_seen(&pair.caller, "connected");
    EXPECT_OCTETS(pair_data(&pair.caller), "41*32");
    EXPECT_EQUAL(pair.caller.circuit.agreed.tpdu_size, 65408);
}

static void test_verbs_have_their_states(void)
{
    static const enum circuit_result call[SCENES] = {
        [SCENE_IDLE] = CIRCUIT_OK,
    };
    static const enum circuit_result accept[SCENES] = {
        [SCENE_CALLED] = CIRCUIT_OK,
    };
    struct circuit circuit;

    for (size_t i = 0; i < SCENES; i++) {
        enum scene scene = (enum scene)i;
        bool may_send =
            scene == SCENE_OPEN || scene == SCENE_CLASS_0 || scene == SCENE_PEER_LEFT;
        bool has_left = scene == SCENE_LEAVING || scene == SCENE_LEAVING_0;

        expect_about(scene_name(scene));
        scene_set(&circuit, scene);
        EXPECT_EQUAL(circuit_call(&circuit, none, none, none),
                     scene == SCENE_IDLE ? call[i] : CIRCUIT_WRONG_STATE);
        scene_set(&circuit, scene);
        EXPECT_EQUAL(circuit_accept(&circuit, none),
                     scene == SCENE_CALLED ? accept[i] : CIRCUIT_WRONG_STATE);
        scene_set(&circuit, scene);
        EXPECT_EQUAL(circuit_send(&circuit, 1, true),
                     may_send ? CIRCUIT_OK : CIRCUIT_WRONG_STATE);
        scene_set(&circuit, scene);
        EXPECT_EQUAL(circuit_disconnect(&circuit, 128, none),
                     has_left ? CIRCUIT_WRONG_STATE : CIRCUIT_OK);
        EXPECT_EQUAL(circuit_disconnect(&circuit, 128, none), CIRCUIT_WRONG_STATE);
    }
    expect_about(NULL);
}

static void test_giving_up_a_call_says_nothing(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_IDLE);
    circuit_call(&circuit, none, none, none);
    EXPECT_EQUAL(circuit_disconnect(&circuit, 128, hex("41")), CIRCUIT_OK);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_is_done(&circuit), true);
}

static void test_classes_are_a_matter_of_both(void)
{
    struct pair pair;

    pair_init(&pair, 2048, 2048);
    pair.callee.circuit.setup.terms.classes = NEGOTIATION_CLASS_0;
    circuit_call(&pair.caller.circuit, none, none, hex("\"hi\""));
    pair_run(&pair);
    EXPECT_OCTETS(pair_data(&pair.callee), "\"hi\"");
    circuit_accept(&pair.callee.circuit, none);
    pair_run(&pair);
    EXPECT_EQUAL(pair.caller.circuit.agreed.format, TPDU_CLASS_0);
    EXPECT_EQUAL(pair.callee.circuit.agreed.format, TPDU_CLASS_0);

    pair_init(&pair, 2048, 2048);
    pair.callee.circuit.setup.terms.classes = NEGOTIATION_CLASS_0;
    pair.caller.circuit.setup.terms.classes = NEGOTIATION_CLASS_2;
    circuit_call(&pair.caller.circuit, none, none, none);
    pair_run(&pair);
    expect_seen(&pair.callee, "failed negotiation");
    expect_seen(&pair.caller, "refused 130");
}

/* Sizes that no TPDU can have are brought into range. */
static void test_odd_sizes_are_brought_into_range(void)
{
    struct pair pair;

    pair_init(&pair, 0, 0x1000000);
    circuit_call(&pair.caller.circuit, none, none, none);
    pair_run(&pair);
    circuit_accept(&pair.callee.circuit, none);
    pair_run(&pair);
    EXPECT_EQUAL(pair.caller.circuit.agreed.tpdu_size, 128);
    EXPECT_EQUAL(pair.callee.circuit.setup.terms.tpdu_size, 65531);

    pair_init(&pair, 65531, 0);
    circuit_call(&pair.caller.circuit, none, none, none);
    pair_run(&pair);
    circuit_accept(&pair.callee.circuit, none);
    EXPECT_EQUAL(pair.callee.circuit.agreed.tpdu_size, 128);
}

CU_TestInfo circuit_tests[] = {
    {"a call is accepted with data both ways",
     test_a_call_is_accepted_with_data_both_ways},
    {"the octets are those of the vectors", test_the_octets_are_those_of_the_vectors},
    {"a call is refused with reason and data",
     test_a_call_is_refused_with_reason_and_data},
    {"a refusal is that of the vector", test_a_refusal_is_that_of_the_vector},
    {"too long data are refused and not sent",
     test_too_long_data_are_refused_and_not_sent},
    {"the longest opening fits", test_the_longest_opening_fits},
    {"verbs have their states", test_verbs_have_their_states},
    {"giving up a call says nothing", test_giving_up_a_call_says_nothing},
    {"classes are a matter of both", test_classes_are_a_matter_of_both},
    {"odd sizes are brought into range", test_odd_sizes_are_brought_into_range},
    CU_TEST_INFO_NULL,
};
