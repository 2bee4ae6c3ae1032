from __future__ import annotations

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

import apps.common.ids
import apps.common.models


def watch_what_travels(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let parcels under way be looked at, and put codes nobody knew into the inbox."""
    parcel = apps.get_model("fulfillment", "Parcel")
    event = apps.get_model("fulfillment", "TrackingEvent")
    code = apps.get_model("fulfillment", "CarrierCode")
    parcel._base_manager.filter(status="tendered").update(watch_at=timezone.now())
    unknown = event._base_manager.filter(status="unknown").exclude(code="unknown")
    seen = unknown.values("source", "code").annotate(
        first=models.Min("recorded_at"), last=models.Max("recorded_at")
    )
    code.objects.bulk_create(
        [
            code(
                source=row["source"],
                code=row["code"],
                first_seen_at=row["first"],
                last_seen_at=row["last"],
            )
            for row in seen.order_by("source", "code")
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0002_route_decisions'),
        ('merchants', '0003_suspension'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', apps.common.models.ExactCharField(max_length=40, verbose_name='source')),
                ('code', apps.common.models.ExactCharField(max_length=64, verbose_name="carrier's code")),
                ('status', models.CharField(blank=True, choices=[('unknown', 'Not understood'), ('label_created', 'Label created'), ('picked_up', 'Picked up'), ('at_origin_hub', 'At the first hub'), ('departed_origin_hub', 'Left the first hub'), ('export_customs', 'At export customs'), ('export_cleared', 'Export cleared'), ('export_failed', 'Export refused'), ('handed_to_linehaul', 'Handed to the line-haul'), ('linehaul_departed', 'Line-haul departed'), ('linehaul_arrived', 'Arrived in the destination country'), ('import_customs', 'At import customs'), ('customs_info_required', 'Customs needs information'), ('customs_tax_due', 'Tax due'), ('import_cleared', 'Import cleared'), ('import_failed', 'Import refused'), ('handed_to_last_mile', 'With the local carrier'), ('in_transit', 'In transit'), ('out_for_delivery', 'Out for delivery'), ('ready_for_pickup', 'Waiting for pick-up'), ('delivery_attempt_failed', 'Delivery failed'), ('delivered', 'Delivered'), ('on_hold', 'On hold at the carrier'), ('delayed', 'Delayed'), ('damaged', 'Damaged'), ('lost', 'Lost'), ('returning', 'Coming back'), ('returned', 'Returned'), ('destroyed', 'Destroyed'), ('cancelled', 'Cancelled at the carrier'), ('expired', 'No news for a long time')], default='', max_length=24, verbose_name='means')),
                ('reason', models.CharField(blank=True, choices=[('refused', 'The recipient refused the parcel'), ('address', 'The address is wrong'), ('offloaded', 'Left behind before departure')], default='', max_length=12, verbose_name='reason')),
                ('version', models.PositiveSmallIntegerField(default=0, verbose_name='decisions')),
                ('first_seen_at', models.DateTimeField(verbose_name='first seen')),
                ('last_seen_at', models.DateTimeField(verbose_name='last seen')),
            ],
        ),
        migrations.CreateModel(
            name='CaseEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', apps.common.models.PublicIdField(default=apps.common.ids.PublicIdDefault('evd'), editable=False, max_length=32, prefix='evd', unique=True)),
                ('kind', apps.common.models.ExactCharField(choices=[('note', 'Note'), ('scale', 'Weight on our scale'), ('bill', 'Weight on the carrier’s bill'), ('paper', 'Picture or paper')], max_length=8, verbose_name='kind')),
                ('text', models.CharField(blank=True, default='', max_length=500, verbose_name='text')),
                ('grams', models.PositiveIntegerField(null=True, verbose_name='grams')),
                ('file', models.FileField(blank=True, max_length=200, upload_to='evidence/%Y/%m/', verbose_name='file')),
                ('content_type', models.CharField(blank=True, default='', max_length=40, verbose_name='type of file')),
                ('sha256', apps.common.models.ExactCharField(blank=True, default='', max_length=64, verbose_name='digest')),
                ('added_by', apps.common.models.ExactCharField(max_length=80, verbose_name='added by')),
                ('added_at', models.DateTimeField(verbose_name='added')),
            ],
        ),
        migrations.CreateModel(
            name='CodeMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                ('status', models.CharField(choices=[('unknown', 'Not understood'), ('label_created', 'Label created'), ('picked_up', 'Picked up'), ('at_origin_hub', 'At the first hub'), ('departed_origin_hub', 'Left the first hub'), ('export_customs', 'At export customs'), ('export_cleared', 'Export cleared'), ('export_failed', 'Export refused'), ('handed_to_linehaul', 'Handed to the line-haul'), ('linehaul_departed', 'Line-haul departed'), ('linehaul_arrived', 'Arrived in the destination country'), ('import_customs', 'At import customs'), ('customs_info_required', 'Customs needs information'), ('customs_tax_due', 'Tax due'), ('import_cleared', 'Import cleared'), ('import_failed', 'Import refused'), ('handed_to_last_mile', 'With the local carrier'), ('in_transit', 'In transit'), ('out_for_delivery', 'Out for delivery'), ('ready_for_pickup', 'Waiting for pick-up'), ('delivery_attempt_failed', 'Delivery failed'), ('delivered', 'Delivered'), ('on_hold', 'On hold at the carrier'), ('delayed', 'Delayed'), ('damaged', 'Damaged'), ('lost', 'Lost'), ('returning', 'Coming back'), ('returned', 'Returned'), ('destroyed', 'Destroyed'), ('cancelled', 'Cancelled at the carrier'), ('expired', 'No news for a long time')], max_length=24, verbose_name='means')),
                ('reason', models.CharField(blank=True, choices=[('refused', 'The recipient refused the parcel'), ('address', 'The address is wrong'), ('offloaded', 'Left behind before departure')], default='', max_length=12, verbose_name='reason')),
                ('note', models.CharField(max_length=200, verbose_name='why')),
                ('decided_by', apps.common.models.ExactCharField(max_length=80, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(verbose_name='decided')),
            ],
        ),
        migrations.CreateModel(
            name='ExceptionCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', apps.common.models.PublicIdField(default=apps.common.ids.PublicIdDefault('exc'), editable=False, max_length=32, prefix='exc', unique=True)),
                ('kind', apps.common.models.ExactCharField(choices=[('lost', 'Lost'), ('damaged', 'Damaged'), ('weight', 'Weight dispute'), ('documents', 'Customs documents'), ('tax', 'Tax due'), ('refused', 'Refused'), ('return', 'Return to sender'), ('address', 'Address'), ('offloaded', 'Left behind'), ('silence', 'Silence')], max_length=12, verbose_name='kind')),
                ('origin', apps.common.models.ExactCharField(choices=[('event', 'The carrier’s report'), ('silence', 'No report for too long'), ('person', 'A person')], max_length=8, verbose_name='opened by')),
                ('owner', apps.common.models.ExactCharField(choices=[('merchant', 'You'), ('platform', 'The platform'), ('carrier', 'The carrier'), ('buyer', 'The buyer')], max_length=10, verbose_name='who must act')),
                ('status', apps.common.models.ExactCharField(choices=[('open', 'Open'), ('waiting', 'Waiting'), ('resolved', 'Resolved'), ('closed', 'Closed')], default='open', max_length=10, verbose_name='status')),
                ('open_key', apps.common.models.NullableExactCharField(max_length=40, null=True, unique=True)),
                ('since_at', models.DateTimeField(verbose_name='since')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('claim_by_at', models.DateTimeField(null=True, verbose_name='claim until')),
                ('risk_minor', models.BigIntegerField(default=0, verbose_name='at risk')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('risk_base_minor', models.BigIntegerField(default=0)),
                ('reasons', models.JSONField(default=dict, verbose_name='why')),
                ('resolution', apps.common.models.ExactCharField(blank=True, choices=[('moved_on', 'The carrier reported that it goes on'), ('misread', 'The carrier’s code meant something else'), ('answered', 'What was missing was sent'), ('paid', 'The amount was paid'), ('agreed', 'The parties agreed'), ('replaced', 'A new parcel was sent'), ('compensated', 'The carrier paid'), ('refused_claim', 'The carrier refused to pay'), ('written_off', 'Given up')], default='', max_length=16, verbose_name='how it ended')),
                ('end_note', models.CharField(blank=True, default='', max_length=300, verbose_name='note')),
                ('end_reasons', models.JSONField(default=dict, verbose_name='why it ended')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('ended_by', apps.common.models.ExactCharField(blank=True, default='', max_length=80)),
                ('claim_reference', apps.common.models.ExactCharField(blank=True, default='', max_length=64, verbose_name='number of the claim')),
                ('claim_minor', models.BigIntegerField(default=0, verbose_name='claimed')),
                ('claim_filed_at', models.DateTimeField(null=True, verbose_name='claim filed')),
            ],
        ),
        migrations.CreateModel(
            name='LegStatistic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', apps.common.models.ExactCharField(max_length=48, verbose_name='lane or zone')),
                ('leg', apps.common.models.ExactCharField(max_length=12, verbose_name='leg')),
                ('samples', models.PositiveIntegerField(verbose_name='parcels')),
                ('cut_off', models.PositiveIntegerField(verbose_name='still under way')),
                ('lengths', models.JSONField(verbose_name='lengths in seconds')),
                ('gap_samples', models.PositiveIntegerField(verbose_name='times between reports')),
                ('silence_s', models.PositiveIntegerField(verbose_name='silence, P95 in seconds')),
                ('version', apps.common.models.ExactCharField(max_length=16, verbose_name='version of the rules')),
                ('learned_at', models.DateTimeField(verbose_name='learned')),
            ],
        ),
        migrations.AddField(
            model_name='parcel',
            name='eta_at',
            field=models.DateTimeField(null=True, verbose_name='estimated'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='eta_basis',
            field=models.JSONField(null=True, verbose_name='estimated from'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='eta_p50_at',
            field=models.DateTimeField(null=True, verbose_name='arrives, one half'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='eta_p90_at',
            field=models.DateTimeField(null=True, verbose_name='arrives, nine of ten'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='promised_p90_at',
            field=models.DateTimeField(null=True, verbose_name='first estimate, nine of ten'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='watch_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='trackingevent',
            name='reason',
            field=models.CharField(blank=True, choices=[('refused', 'The recipient refused the parcel'), ('address', 'The address is wrong'), ('offloaded', 'Left behind before departure')], db_default='', default='', max_length=12, verbose_name='reason'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['watch_at'], name='parcel_watch'),
        ),
        migrations.AddIndex(
            model_name='trackingevent',
            index=models.Index(fields=['source', 'code', 'id'], name='tracking_by_code'),
        ),
        migrations.AddIndex(
            model_name='carriercode',
            index=models.Index(fields=['status', 'last_seen_at'], name='carrier_code_inbox'),
        ),
        migrations.AddConstraint(
            model_name='carriercode',
            constraint=models.UniqueConstraint(fields=('source', 'code'), name='carrier_code_once'),
        ),
        migrations.AddField(
            model_name='caseevidence',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='codemapping',
            name='carrier_code',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='fulfillment.carriercode'),
        ),
        migrations.AddField(
            model_name='exceptioncase',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='exceptioncase',
            name='parcel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='fulfillment.parcel'),
        ),
        migrations.AddField(
            model_name='caseevidence',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='fulfillment.exceptioncase'),
        ),
        migrations.AddConstraint(
            model_name='legstatistic',
            constraint=models.UniqueConstraint(fields=('group', 'leg'), name='leg_statistic_once'),
        ),
        migrations.AddConstraint(
            model_name='codemapping',
            constraint=models.UniqueConstraint(fields=('carrier_code', 'version'), name='code_mapping_once'),
        ),
        migrations.AddIndex(
            model_name='exceptioncase',
            index=models.Index(fields=['merchant', 'status', 'due_at', 'id'], name='exception_due'),
        ),
        migrations.AddIndex(
            model_name='exceptioncase',
            index=models.Index(fields=['merchant', 'due_at', 'id'], name='exception_due_all'),
        ),
        migrations.AddIndex(
            model_name='exceptioncase',
            index=models.Index(fields=['merchant', 'risk_base_minor', 'id'], name='exception_money'),
        ),
        migrations.AddConstraint(
            model_name='exceptioncase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('open_key__isnull', False), ('resolution', ''), ('status__in', ('open', 'waiting'))), models.Q(('status__in', ('resolved', 'closed')), ('ended_at__isnull', False), ('open_key__isnull', True), models.Q(('resolution', ''), _negated=True)), _connector='OR'), name='exception_open'),
        ),
        migrations.AddConstraint(
            model_name='exceptioncase',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['lost', 'damaged', 'weight', 'documents', 'tax', 'refused', 'return', 'address', 'offloaded', 'silence']), ('owner__in', ['merchant', 'platform', 'carrier', 'buyer'])), name='exception_kind'),
        ),
        migrations.AddConstraint(
            model_name='exceptioncase',
            constraint=models.CheckConstraint(condition=models.Q(('claim_minor__gte', 0), ('risk_base_minor__gte', 0), ('risk_minor__gte', 0)), name='exception_amounts'),
        ),
        migrations.AddIndex(
            model_name='caseevidence',
            index=models.Index(fields=['case', 'id'], name='evidence_of_case'),
        ),
        migrations.AddConstraint(
            model_name='caseevidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grams__gt', 0), ('kind__in', ('scale', 'bill'))), models.Q(models.Q(('kind__in', ('scale', 'bill')), _negated=True), ('grams__isnull', True)), _connector='OR'), name='evidence_grams'),
        ),
        migrations.RunPython(watch_what_travels, migrations.RunPython.noop),
    ]
