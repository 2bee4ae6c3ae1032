from __future__ import annotations

import apps.common.ids
import apps.common.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_category_tree'),
        ('merchants', '0003_suspension'),
    ]

    operations = [
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', apps.common.models.PublicIdField(default=apps.common.ids.PublicIdDefault('pty'), editable=False, max_length=32, prefix='pty', unique=True)),
                ('kind', models.CharField(choices=[('manufacturer', 'Manufacturer'), ('eu_responsible', 'Responsible person in the EU'), ('uk_responsible', 'Responsible person in the UK'), ('importer', 'Importer')], max_length=16, verbose_name='kind')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('address', models.CharField(max_length=300, verbose_name='postal address')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('email', models.CharField(blank=True, max_length=254, verbose_name='e-mail')),
                ('website', models.CharField(blank=True, max_length=200, verbose_name='contact page')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
            options={
                'verbose_name_plural': 'parties',
            },
        ),
        migrations.CreateModel(
            name='ProductDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', apps.common.models.PublicIdField(default=apps.common.ids.PublicIdDefault('doc'), editable=False, max_length=32, prefix='doc', unique=True)),
                ('kind', models.CharField(choices=[('test_report', 'Test report'), ('conformity', 'Declaration of conformity'), ('sds', 'Safety data sheet'), ('un38_3', 'Battery test summary (UN 38.3)'), ('label_photo', 'Photo of the label'), ('manual', 'Instructions and warnings'), ('certificate', 'Certificate'), ('other', 'Other paper')], max_length=16, verbose_name='kind')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('file', models.FileField(max_length=200, upload_to='documents/%Y/%m/', verbose_name='file')),
                ('content_type', models.CharField(max_length=40, verbose_name='type of file')),
                ('size', models.PositiveIntegerField(verbose_name='size in bytes')),
                ('sha256', apps.common.models.ExactCharField(max_length=64, verbose_name='digest')),
                ('issued_on', models.DateField(blank=True, null=True, verbose_name='issued on')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='valid until')),
                ('status', models.CharField(choices=[('current', 'In use'), ('withdrawn', 'No longer valid')], default='current', max_length=10, verbose_name='status')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='catalog.product')),
            ],
        ),
        migrations.CreateModel(
            name='ProductFacts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('attributes', models.JSONField(blank=True, default=dict, verbose_name='attributes')),
                ('battery', models.CharField(blank=True, choices=[('none', 'No battery'), ('ion_alone', 'Lithium-ion, alone (UN3480, PI 965)'), ('ion_packed', 'Lithium-ion, packed with the product (UN3481, PI 966)'), ('ion_contained', 'Lithium-ion, in the product (UN3481, PI 967)'), ('metal_alone', 'Lithium metal, alone (UN3090, PI 968)'), ('metal_packed', 'Lithium metal, packed with the product (UN3091, PI 969)'), ('metal_contained', 'Lithium metal, in the product (UN3091, PI 970)'), ('other', 'Another battery, without lithium')], max_length=16, verbose_name='battery')),
                ('battery_wh', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='watt-hours per battery')),
                ('battery_lithium_g', models.DecimalField(blank=True, decimal_places=3, max_digits=8, null=True, verbose_name='grams of lithium per battery')),
                ('battery_count', models.PositiveSmallIntegerField(default=0, verbose_name='number of batteries')),
                ('dangerous', models.CharField(blank=True, choices=[('no', 'No dangerous goods'), ('yes', 'Dangerous goods')], max_length=3, verbose_name='dangerous goods')),
                ('un_number', apps.common.models.ExactCharField(blank=True, max_length=6, verbose_name='UN number')),
                ('hazard_class', models.CharField(blank=True, max_length=4, verbose_name='class')),
                ('packing_group', models.CharField(blank=True, max_length=3, verbose_name='packing group')),
                ('is_limited_quantity', models.BooleanField(default=False, verbose_name='limited quantity')),
                ('has_magnet', models.BooleanField(default=False, verbose_name='strong magnet')),
                ('has_liquid', models.BooleanField(default=False, verbose_name='liquid')),
                ('has_powder', models.BooleanField(default=False, verbose_name='powder')),
                ('eu_responsible', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.party')),
                ('importer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.party')),
                ('manufacturer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.party')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='catalog.product')),
                ('uk_responsible', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.party')),
            ],
            options={
                'verbose_name_plural': 'product facts',
            },
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(fields=['merchant', 'kind', 'name'], name='party_list'),
        ),
        migrations.AddConstraint(
            model_name='party',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('website', ''), _negated=True), _connector='OR'), name='party_reachable'),
        ),
        migrations.AddConstraint(
            model_name='party',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['manufacturer', 'eu_responsible', 'uk_responsible', 'importer'])), name='party_kind'),
        ),
        migrations.AddConstraint(
            model_name='productdocument',
            constraint=models.UniqueConstraint(fields=('product', 'sha256'), name='document_once'),
        ),
        migrations.AddConstraint(
            model_name='productdocument',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='document_size'),
        ),
        migrations.AddConstraint(
            model_name='productdocument',
            constraint=models.CheckConstraint(condition=models.Q(('issued_on__isnull', True), ('valid_until__isnull', True), ('valid_until__gte', models.F('issued_on')), _connector='OR'), name='document_dates'),
        ),
        migrations.AddConstraint(
            model_name='productfacts',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dangerous', 'yes'), models.Q(('un_number', ''), _negated=True), models.Q(('hazard_class', ''), _negated=True)), models.Q(models.Q(('dangerous', 'yes'), _negated=True), ('hazard_class', ''), ('packing_group', ''), ('un_number', ''), ('is_limited_quantity', False)), _connector='OR'), name='facts_dangerous'),
        ),
        migrations.AddConstraint(
            model_name='productfacts',
            constraint=models.CheckConstraint(condition=models.Q(('battery_wh__isnull', True), ('battery_wh__gt', 0), _connector='OR'), name='facts_battery_wh'),
        ),
        migrations.AddConstraint(
            model_name='productfacts',
            constraint=models.CheckConstraint(condition=models.Q(('battery_lithium_g__isnull', True), ('battery_lithium_g__gt', 0), _connector='OR'), name='facts_battery_lithium'),
        ),
    ]
