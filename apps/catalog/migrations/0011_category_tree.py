from __future__ import annotations

import apps.catalog.models.products
import apps.common.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_main_photo_to_images'),
        ('merchants', '0003_suspension'),
    ]

    operations = [
        migrations.AlterField(
            model_name='variant',
            name='gtin',
            field=apps.common.models.ExactCharField(blank=True, max_length=14, validators=[apps.catalog.models.products.refuse_wrong_gtin], verbose_name='GTIN'),
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', apps.common.models.ExactCharField(max_length=20, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_key', apps.common.models.ExactCharField(db_index=True, max_length=120)),
                ('path', models.CharField(max_length=500, verbose_name='path')),
                ('lineage', apps.common.models.ExactCharField(max_length=200)),
                ('depth', models.PositiveSmallIntegerField(verbose_name='depth')),
                ('is_leaf', models.BooleanField(default=True, verbose_name='leaf')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('version', models.CharField(max_length=40, verbose_name='version')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.category')),
            ],
            options={
                'verbose_name_plural': 'categories',
            },
        ),
        migrations.CreateModel(
            name='AttributeRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('key', apps.common.models.ExactCharField(max_length=60, verbose_name='key')),
                ('label', models.CharField(max_length=120, verbose_name='label')),
                ('labels', models.JSONField(blank=True, default=dict, verbose_name='labels in other languages')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('boolean', 'Yes or no'), ('choice', 'One of a list'), ('multi_choice', 'Several of a list'), ('date', 'Date')], max_length=12, verbose_name='kind')),
                ('unit', models.CharField(blank=True, max_length=16, verbose_name='unit')),
                ('is_required', models.BooleanField(default=False, verbose_name='required')),
                ('markets', models.JSONField(blank=True, default=list, verbose_name='required in markets')),
                ('choices', models.JSONField(blank=True, default=list, verbose_name='choices')),
                ('min_value', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('max_value', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('min_length', models.PositiveIntegerField(blank=True, null=True)),
                ('max_length', models.PositiveIntegerField(blank=True, null=True)),
                ('pattern', models.CharField(blank=True, max_length=200)),
                ('basis', models.CharField(blank=True, max_length=300, verbose_name='basis')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('version', models.CharField(max_length=40, verbose_name='version')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='catalog.category')),
            ],
        ),
        migrations.AddField(
            model_name='product',
            name='category_ref',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category', verbose_name='platform category'),
        ),
        migrations.CreateModel(
            name='CategoryMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('own_name', models.CharField(max_length=120, verbose_name='own name')),
                ('own_key', apps.common.models.ExactCharField(max_length=120)),
                ('origin', models.CharField(choices=[('chosen', 'Chosen'), ('equal', 'Equal names')], max_length=8, verbose_name='origin')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='CategoryName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', apps.common.models.ExactCharField(max_length=12, verbose_name='language')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_key', apps.common.models.ExactCharField(db_index=True, max_length=120)),
                ('path', models.CharField(max_length=500, verbose_name='path')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='catalog.category')),
            ],
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('depth', 1), ('parent__isnull', True)), models.Q(('depth__gt', 1), ('parent__isnull', False)), _connector='OR'), name='category_depth'),
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('name_key', ''), _negated=True), name='category_named'),
        ),
        migrations.AddConstraint(
            model_name='attributerule',
            constraint=models.UniqueConstraint(fields=('category', 'key'), name='attribute_rule_once'),
        ),
        migrations.AddConstraint(
            model_name='attributerule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'number', 'boolean', 'choice', 'multi_choice', 'date'])), name='attribute_rule_kind'),
        ),
        migrations.AddConstraint(
            model_name='categorymapping',
            constraint=models.UniqueConstraint(fields=('merchant', 'own_key'), name='category_mapping_once'),
        ),
        migrations.AddConstraint(
            model_name='categorymapping',
            constraint=models.CheckConstraint(condition=models.Q(('own_key', ''), _negated=True), name='category_mapping_named'),
        ),
        migrations.AddConstraint(
            model_name='categoryname',
            constraint=models.UniqueConstraint(fields=('category', 'language'), name='category_name_once'),
        ),
    ]
