#include "config.h"

#include "sim/world/theory.h"

#include "models/aws/endpoint.h"
#include "models/bgp/bgp.h"

/* A Poisson process has no longest gap; this many means are exceeded twice in
 * a thousand million gaps. The same goes for an exponential tail. */
#define TAIL 20

/* Linux, as tests/golden/linux-tcp measured it: the RTO is the round trip and
 * at least 200 ms, in ticks and the timer wheel's steps; the back-off starts
 * at a tail-loss probe, which goes out between two round trips and one RTO
 * after the last segment. */
#define RTO_MARGIN HS_MSEC(200)
#define RTO_SLACK  HS_MSEC(32)
#define RTO_MAX    HS_SEC(120)

/* The pooled client's longest wait before it connects again (models/load). */
#define RECONNECT_MAX HS_SEC(5)

static void
set_jitter(HsBoundsInput *in, HsPreset customer)
{
    static const BgpPreset presets[] = {
        [HS_PRESET_RFC] = BGP_PRESET_RFC,
        [HS_PRESET_FRR] = BGP_PRESET_FRR,
        [HS_PRESET_BIRD] = BGP_PRESET_BIRD,
        [HS_PRESET_AWS] = BGP_PRESET_AWS,
    };
    BgpTimers mine = bgp_timers_preset(presets[customer]);
    BgpTimers aws = bgp_timers_preset(BGP_PRESET_AWS);

    in->keepalive_jitter[0] =
        MIN(mine.keepalive_jitter, aws.keepalive_jitter) / 1000.0;
    in->hold_jitter[0] = MIN(mine.hold_jitter, aws.hold_jitter) / 1000.0;
    in->keepalive_jitter[1] = in->hold_jitter[1] = 1;
}

static void
set_bgp(HsBoundsInput *in, const HsBgpTimers *a, const HsBgpTimers *b)
{
    in->bgp_hold = MIN(a->hold, b->hold); /* RFC 4271 4.2 */
    in->bgp_keepalive = MAX(a->keepalive, b->keepalive);
    in->bgp_keepalive = MIN(in->bgp_keepalive, in->bgp_hold / 3);
}

static HsDuration
jitter_max(const HsInternet *internet)
{
    return internet->jitter.scale * TAIL;
}

/* The one way of the new path, at its shortest and longest. */
static HsBound
backup_delay(const HsVpn *vpn)
{
    HsDuration delay = vpn->gateway->edge.delay, jitter = 0;

    if (vpn->underlay_dx != NULL) {
        delay += vpn->underlay_dx->link.delay;
    } else {
        delay += vpn->site->uplink.delay + vpn->underlay_internet->link.delay;
        jitter = jitter_max(vpn->underlay_internet);
    }
    /* The hops beyond both paths, and serialisation. */
    return (HsBound){delay, delay + jitter + HS_MSEC(2)};
}

static void
set_load(HsBoundsInput *in, const HsScenario *scenario)
{
    const HsDatabase *database = hs_scenario_database(scenario, 0);
    const HsProbing *probe = hs_scenario_probe(scenario, 0);
    HsDuration round_trip;

    if (database == NULL)
        return;
    round_trip = 2 * in->path_delay + HS_MSEC(1);
    in->sampling = probe->interval;
    in->think = database->think.scale * TAIL;
    /* Either side's: where replies are rare, the client's delayed
     * acknowledgement is part of the round trip that the server sees. Of what
     * both had under way, the later to be sent again decides. */
    in->rto = (HsBound){RTO_MARGIN, RTO_MARGIN + round_trip +
                                        HS_BOUND_DELAYED_ACK + RTO_SLACK};
    in->rto_max = RTO_MAX;
    in->first_send = (HsBound){round_trip, database->interval * TAIL +
                                               in->think + in->rto.max};
    in->pool_timeout = database->timeout + database->reconnect;
}

/* Which sessions the database's traffic hangs on, and which VPN takes over. A
 * private virtual interface beats every VPN. */
static const HsDx *
private_dx(const HsScenario *scenario)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        if (dx->vif == HS_VIF_PRIVATE)
            return dx;
    return NULL;
}

/* Another virtual interface takes over, before any VPN. */
static bool
has_second(const HsScenario *scenario, const HsDx *not_this)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        if (dx != not_this && dx->vif != HS_VIF_PUBLIC)
            return true;
    return false;
}

static const HsVpn *
vpn_over(const HsScenario *scenario, const HsDx *dx)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        if (vpn->underlay_dx == dx)
            return vpn;
    return NULL;
}

static const HsVpn *
another_vpn(const HsScenario *scenario, const HsVpn *not_this)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        if (vpn != not_this)
            return vpn;
    return NULL;
}

/* RFC 4724 with BFD that shares its fate with the control plane: BFD's news may
 * be that of a restart, so each side forwards into the hole for as long as the
 * other said that a restart takes. */
static bool
keeps_stale_routes(const HsBoundsInput *in, const HsDx *dx)
{
    return in->bfd_multiplier > 0 && !in->carrier &&
           dx->customer.graceful_restart > 0;
}

/* Theory knows what happens when a link is gone, by itself. */
static bool
is_alone(const HsScenario *scenario, const HsFault *fault)
{
    const HsFault *other;

    for (unsigned i = 0; (other = hs_scenario_fault(scenario, i)) != NULL; i++)
        if (other != fault &&
            other->at.low <= hs_time_add(fault->at.high, fault->length) &&
            fault->at.low <= hs_time_add(other->at.high, other->length))
            return false;
    return true;
}

/* From the detection to the tables: of both sides, or of the one that sends
 * into the direction that is cut. */
static void
set_convergence(HsBoundsInput *in, const HsDx *dx, const HsFault *fault)
{
    HsDuration customer = dx->site->fib_delay;
    HsDuration aws = dx->gateway->convergence + dx->gateway->fib_delay;
    HsDuration delay;

    if (keeps_stale_routes(in, dx)) {
        customer += HS_AWS_DX_GRACEFUL_RESTART;
        aws += dx->customer.graceful_restart;
    }
    delay = MAX(customer, aws);

    in->one_way = fault->action == HS_FAULT_BLACKHOLE &&
                  fault->direction != HS_DIRECTION_BOTH;
    if (in->one_way)
        delay = fault->direction == HS_DIRECTION_TO_AWS ? customer : aws;
    in->convergence = (HsBound){delay, delay};
}

bool
hs_theory_bounds(const HsScenario *scenario, const HsFault *fault,
                 HsBounds *ret_bounds)
{
    const HsDx *dx = (const HsDx *)fault->target;
    const HsVpn *carrier = NULL, *backup;
    HsBoundsInput in = {0};

    /* The bounds are those of a request that waits, and of the generic pool. */
    if (!hs_database_is_plain(scenario))
        return false;
    if (fault->action != HS_FAULT_LINK_DOWN &&
        fault->action != HS_FAULT_BLACKHOLE)
        return false;
    if (fault->target_kind != HS_TARGET_ELEMENT || !is_alone(scenario, fault))
        return false;
    if (fault->target == NULL || fault->target->kind != HS_KIND_DX ||
        dx->gateway == NULL || has_second(scenario, dx))
        return false;
    if (dx->vif == HS_VIF_PUBLIC)
        carrier = vpn_over(scenario, dx);
    backup = another_vpn(scenario, carrier);
    if (backup == NULL || (carrier == NULL && private_dx(scenario) != dx))
        return false;
    in.path_delay = dx->link.delay + HS_MSEC(1);
    if (carrier != NULL) {
        /* The tunnel knows nothing of the link below it. */
        set_bgp(&in, &carrier->customer, &carrier->aws);
    } else {
        set_bgp(&in, &dx->customer, &dx->aws);
        in.carrier = fault->action == HS_FAULT_LINK_DOWN;
        in.carrier_delay =
            MAX(dx->site->carrier_delay, dx->gateway->carrier_delay);
        in.bfd_interval = MAX(dx->bfd.interval, dx->aws_bfd.interval);
        in.bfd_multiplier = dx->bfd.interval > 0 ? MAX(dx->bfd.multiplier,
                                                       dx->aws_bfd.multiplier)
                                                 : 0;
    }
    set_jitter(&in, dx->site->preset);
    set_convergence(&in, dx, fault);
    in.backup_delay = backup_delay(backup);
    set_load(&in, scenario);
    hs_bounds_compute(&in, ret_bounds);
    if (in.pool_timeout > 0 &&
        ret_bounds->terms[HS_BOUND_NETWORK].bound.max > in.pool_timeout) {
        /* Connections were lost. A wait doubles the one before it, and so is
         * no longer than the outage. */
        in.pool_timeout +=
            MIN(RECONNECT_MAX, ret_bounds->terms[HS_BOUND_NETWORK].bound.max);
        hs_bounds_compute(&in, ret_bounds);
    }
    return true;
}
